"""The catalogue: what subscribers see of the contracts, generated, published, and held to what was published before.

`python -m catalogue` writes it, `python -m catalogue --check` says what a subscriber would find broken. Nothing
imports it: it is for whoever changes the contracts.
"""
