"""A Prometheus that watches the portal of the tests, by the rules of the repository; few seconds between two looks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import yaml

from deploy.local.gateway import answers_ok
from deploy.local.ports import some_free
from deploy.local.processes import Process
from deploy.local.stack import Stack
from deploy.monitoring.made import rule_files
from tests.monitoring.exposed import SERVICES
from tests.prometheus import Prometheus

PATIENCE_SECONDS = 60.0


class Watching(Process):
    """The server's process, and what it says."""

    def __init__(self, programs: Prometheus, folder: Path, stack: Stack) -> None:
        (port,) = some_free(1)
        self._url = f"http://127.0.0.1:{port}"
        configuration = folder / "prometheus.yaml"
        configuration.write_text(yaml.safe_dump(_configuration(stack)))
        command = [str(programs.server), f"--config.file={configuration}", f"--storage.tsdb.path={folder / 'data'}"]
        super().__init__("prometheus", folder / "prometheus.log", [*command, f"--web.listen-address=127.0.0.1:{port}"])

    def ready(self) -> bool:
        return answers_ok(f"{self._url}/-/ready")

    def targets(self) -> dict[str, str]:
        """The health of each target by its job."""
        return {one["labels"]["job"]: one["health"] for one in self._data("targets")["activeTargets"]}

    def metrics(self) -> set[str]:
        """The names of all series that it has."""
        return set(self._data("label/__name__/values"))

    def rules(self) -> dict[str, str]:
        """Of each rule, what it last failed with."""
        groups = self._data("rules")["groups"]
        return {rule["name"]: rule.get("lastError", "") for group in groups for rule in group["rules"]}

    def alerts(self) -> set[tuple[str, str]]:
        """Each alert that fires, or would if it stayed so, with its job."""
        return {(one["labels"]["alertname"], one["labels"].get("job", "")) for one in self._data("alerts")["alerts"]}

    def shows(self, query: str) -> bool:
        """Whether a query has an answer that is not empty; fails where it is none."""
        return bool(self._data("query", query=query)["result"])

    def _data(self, what: str, **asked: str) -> Any:
        answer = httpx.get(f"{self._url}/api/v1/{what}", params=asked, trust_env=False, timeout=30)
        return answer.raise_for_status().json()["data"]


@contextmanager
def watching(programs: Prometheus, folder: Path, stack: Stack) -> Iterator[Watching]:
    """The server while the body runs."""
    server = Watching(programs, folder, stack)
    try:
        server.start()
        server.wait()
        yield server
    finally:
        server.stop(seconds=8)


def comes_to(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return held


def _configuration(stack: Stack) -> dict[str, Any]:
    """As components/monitoring/pods.yaml has it, for what runs on this machine."""
    ports = asdict(stack.ports)
    asked = {name: ("/metrics", ports[name], {"component": "all"}) for name in SERVICES}
    asked["gateway"] = ("/stats/prometheus", ports["gateway_admin"], {})
    return {
        "global": {"scrape_interval": "3s", "scrape_timeout": "3s", "evaluation_interval": "1s"},
        "rule_files": [str(path) for path in rule_files()],
        "scrape_configs": [
            {
                "job_name": job,
                "metrics_path": path,
                "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": "medonline", **labels}}],
            }
            for job, (path, port, labels) in asked.items()
        ],
    }
