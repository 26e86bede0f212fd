"""The event log: append and read it (`store`), publish it (`relay`), project and react to it (`projector`, `reactor`).

A service's events live in its own MongoDB, and that log is its own outbox; Kafka carries them to everyone else.
"""
