"""The operators' page beside a portal that a test uses, told what `ops` is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple

import httpx
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from deploy.local.ports import some_free
from deploy.local.services import Service
from deploy.local.stack import Stack
from deploy.local.watch.intake import MEDIA_TYPE


@contextmanager
def watching(portal: Stack) -> Iterator[str]:
    """Its address while the body runs; the portal's own port for it may long be another's, since nothing took it."""
    (port,) = some_free(1, besides=astuple(portal.ports))
    watch = Service("watch", portal.log("watch"), port, told_to_operators(portal))
    watch.start()
    try:
        watch.wait()
        yield f"http://127.0.0.1:{port}"
    finally:
        watch.stop()


def told_to_operators(portal: Stack) -> dict[str, str]:
    """What stands in the file for operators."""
    lines = (line.split("=", 1) for line in portal.ops_env.read_text().splitlines())
    return {name: value.strip("'") for name, value in lines}


def send(page: str, sent: ExportTraceServiceRequest) -> None:
    """Send traces to it, as a service does."""
    content, headers = sent.SerializeToString(), {"content-type": MEDIA_TYPE}
    httpx.post(f"{page}/v1/traces", content=content, headers=headers, trust_env=False).raise_for_status()
