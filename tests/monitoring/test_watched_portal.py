"""A real Prometheus watches the real portal: what the rules ask for is there, nothing is wrong, and what is, shows."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import register
from tests.journeys.visitor import Visitor
from tests.monitoring.exposed import SERVICES, of_our_processes
from tests.monitoring.promql import metrics_in
from tests.monitoring.rules import RECORDED, asked, filled_in, shown
from tests.monitoring.watching import Watching, comes_to, watching
from tests.prometheus import Prometheus

pytestmark = pytest.mark.tools
NOT_TRIED = "sign-in: By password"
ONLY_IN_A_CLUSTER = {"MetricsMissing", "KafkaDown"}  # Prometheus has nobody here to ask
BUSY = "HttpSlow"  # what a machine that is busy with other tests may rightly be told


async def test_a_portal_that_works_has_every_metric_and_no_alert_until_a_service_is_struck(
    prometheus: Prometheus, portal: Stack, tmp_path: Path
) -> None:
    ours = of_our_processes().keys() | RECORDED.keys() | {"up", "envoy_http_downstream_rq_xx"}
    wanted = {name for _, expr in asked() for name in metrics_in(expr)} & ours
    with watching(prometheus, tmp_path, portal) as server:
        async with Visitor(portal.portal_url) as visitor:
            await register(visitor, portal, newcomer(portal))

        assert comes_to(lambda: wanted <= server.metrics()), wanted - server.metrics()
        assert comes_to(lambda: server.targets() == dict.fromkeys((*SERVICES, "gateway"), "up")), server.targets()
        assert comes_to(lambda: {name for name, _ in server.alerts()} <= {BUSY, *ONLY_IN_A_CLUSTER}), server.alerts()
        assert comes_to(lambda: set(server.rules().values()) == {""}), server.rules()
        queries = [(where, filled_in(expr)) for where, expr in shown() if metrics_in(expr) <= ours]
        assert comes_to(lambda: not_shown(server, queries) <= {NOT_TRIED}), not_shown(server, queries)

        portal.kill("cards")
        try:
            assert comes_to(lambda: {("ServiceDown", "cards"), ("BusDown", "cards")} <= server.alerts())
        finally:
            portal.start("cards")


def not_shown(server: Watching, queries: Iterable[tuple[str, str]]) -> set[str]:
    """Where dashboards would show nothing."""
    return {where for where, query in queries if not server.shows(query)}
