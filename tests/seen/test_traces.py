"""One trace goes from the browser's request through log and topic to the views, and nobody is to be found in it."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from deploy.local.stack import Stack
from tests.journeys.newcomers import newcomer
from tests.journeys.steps import Citizen, register, set_password, sign_in_by_password
from tests.journeys.visitor import Visitor
from tests.seen.collector import Collector, Span
from tests.seen.trace_by_trace import above, spans_of, traces_with

COMPLETION = "/api/identity/attempts/{attempt_id}/completion"
PASSWORD = "PlantedPassword77"
OUTSIDE = "c0ffee" * 5 + "00"
SERVICES = {"gateway", "portal", "identity", "cards", "settings"}
SAID = {
    "http.request.method",
    "http.route",
    "http.response.status_code",
    "peer.service",
    "error.type",
    "messaging.destination.name",
    "messaging.consumer.group.name",
    "messaging.batch.message_count",
}

REGISTERED = (
    "ingress",
    "GET /esia/callback",
    "HTTP POST identity",
    f"POST {COMPLETION}",
    "HTTP POST esia token",
    *(f"HTTP GET esia {what}" for what in ("person", "contacts", "documents")),
    "append identity",
    "publish identity.events",
    "project cards.view",
    "project settings.view",
)
REACTED = ("append settings", "publish settings.events", "react identity.password-reactor", "append identity")


@dataclass(frozen=True, slots=True)
class Walk:
    """What was sent while somebody registered and set a password, in spans and in bytes, and what gives them away."""

    spans: list[Span]
    sent: str
    planted: list[str]


@pytest.fixture(scope="module")
async def walk(portal: Stack, collected: Collector) -> Walk:
    planted, spans = await spans_of(lambda: _walked(portal), collected, _is_whole)
    return Walk(spans, b"\n".join(collected.bodies).decode(errors="replace"), planted)


async def _walked(portal: Stack) -> list[str]:
    """What gives a newcomer away who did all this."""
    person = newcomer(portal)
    async with Visitor(portal.portal_url) as visitor:
        await register(visitor, portal, person)
        await set_password(visitor, PASSWORD)
        cookies = [re.escape(cookie.value or "") for cookie in visitor.http.cookies.jar]
    snils = person.esia["person"]["snils"]
    async with Visitor(portal.portal_url) as visitor:
        await sign_in_by_password(visitor, snils, PASSWORD)
        await visitor.http.get(f"{portal.portal_url}/api/cards/{snils}")
        await visitor.http.get(f"{portal.portal_url}/cards?login={person.login}")
        headers = {
            "user-agent": PASSWORD,
            "x-client-trace-id": PASSWORD,
            "x-envoy-downstream-service-cluster": PASSWORD,
        }
        await visitor.http.get(f"{portal.portal_url}/{person.full_name}", headers=headers)
    return [*_numbers_and_names(person), *(cookie for cookie in cookies if len(cookie) > 20), PASSWORD]


def _is_whole(spans: list[Span]) -> bool:
    names = {span.name for span in spans}
    traces = traces_with(spans, *REGISTERED) and traces_with(spans, *REACTED)
    return bool(traces and {"GET /{path:path}", "state cards.state"} <= names)


def _numbers_and_names(person: Citizen) -> list[str]:
    """What would give the person away, however it is written."""
    esia = person.esia["person"]
    numbers = [esia["snils"], person.login[2:], str(person.esia["oid"])]
    names = [esia["lastName"], esia["firstName"]]
    return [r"\W{0,3}".join(re.sub(r"\D", "", number)) for number in numbers] + [re.escape(name) for name in names]


def test_one_trace_goes_from_the_request_to_the_read_models(walk: Walk) -> None:
    (trace,) = traces_with(walk.spans, *REGISTERED)
    assert {span.service for span in trace} == SERVICES
    (append,) = [span for span in trace if span.name == "append identity"]
    assert above(trace, append) == [
        f"identity: POST {COMPLETION}",
        "portal: HTTP POST identity",
        "portal: GET /esia/callback",
        "gateway: ingress",
    ]
    for span in trace:
        if span.name.startswith(("publish", "project")):
            assert above(trace, span)[0] == "identity: append identity"


def test_a_reaction_goes_on_with_the_trace(walk: Walk) -> None:
    (trace, *_) = traces_with(walk.spans, *REACTED)
    (appended,) = [span for span in trace if span.name == "append identity"]
    assert above(trace, appended)[:2] == ["identity: react identity.password-reactor", "settings: append settings"]


def test_identity_asks_gosuslugi_within_the_trace_and_does_not_pass_it_on(walk: Walk) -> None:
    (trace,) = traces_with(walk.spans, *REGISTERED)
    asked = {span.name for span in trace if " esia " in span.name}
    assert asked == {"HTTP POST esia token", *(f"HTTP GET esia {what}" for what in ("person", "contacts", "documents"))}
    assert "esia" not in {span.service for span in trace}


def test_nobody_is_found_in_what_is_sent(walk: Walk) -> None:
    assert [planted for planted in walk.planted if re.search(planted, walk.sent, re.IGNORECASE)] == []


def test_spans_say_what_is_on_the_list_and_nothing_in_words(walk: Walk) -> None:
    ours = [span for span in walk.spans if span.service != "gateway"]
    assert {name for span in ours for name in span.attributes} <= SAID
    assert not any(span.told for span in walk.spans)
    assert not any(re.search(r"\d{3}|://|[?&]", span.name) for span in walk.spans)


def test_the_lines_of_a_request_say_its_trace_and_what_it_changed(portal: Stack, walk: Walk) -> None:
    (trace,) = traces_with(walk.spans, *REGISTERED)
    lines = [line for name in ("portal", "identity") for line in _lines(portal.log(name))]
    answered = {line["route"]: line for line in lines if line.get("trace_id") == trace[0].trace and "route" in line}
    assert {"/esia/callback", COMPLETION} <= answered.keys()
    assert UUID(answered[COMPLETION]["stream_id"])
    assert answered["/esia/callback"]["request_id"] == answered[COMPLETION]["request_id"]


def _lines(log: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


async def test_a_trace_from_outside_is_not_gone_on_with(portal: Stack, collected: Collector) -> None:
    async def asked() -> bool:
        async with httpx.AsyncClient() as outside:
            headers = {"traceparent": f"00-{OUTSIDE}-{'5' * 16}-01", "tracestate": "planted=1", "baggage": "planted=1"}
            return (await outside.get(f"{portal.portal_url}/help", headers=headers)).is_success

    well, spans = await spans_of(asked, collected, lambda spans: any(span.name == "GET /help" for span in spans))
    assert well
    assert OUTSIDE not in {span.trace for span in spans}
    assert b"planted" not in b"".join(collected.bodies)


def test_without_an_address_nothing_is_sent_and_not_even_loaded() -> None:
    program = (
        "import sys; import services.portal.main, services.identity.main; from chassis.traces import *;"
        "set_up_traces('portal', None, 1);"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))]);"
        "span = server_span('GET', '/cards', '00-' + 'a' * 32 + '-' + 'b' * 16 + '-01').__enter__();"
        "print(span.is_recording())"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == ["[]", "False"]
