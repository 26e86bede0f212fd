"""Monitoring: the alert rules (`alerts/`), and the dashboards and manifests that are made of what stands here.

`python -m deploy.monitoring` makes them anew; they are committed, and a test holds that they are what it would make.
"""
