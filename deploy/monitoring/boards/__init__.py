"""Monitoring, dashboards: each module is one of them, all are `BOARDS`."""

from deploy.monitoring.boards import log, overview, pods, sign_in
from deploy.monitoring.grafana import Dashboard

BOARDS: dict[str, Dashboard] = {
    "overview": overview.BOARD,
    "log": log.BOARD,
    "sign-in": sign_in.BOARD,
    "pods": pods.BOARD,
}
"""By the name of the file."""
