"""The traces of the operators' page: what is taken, what is kept of it, and how it is shown."""

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import lxml.html
import pytest

from deploy.local.watch.app import create_app
from deploy.local.watch.intake import MEDIA_TYPE, MOST_BYTES
from deploy.local.watch.overview import Lookout, Overview
from deploy.local.watch.traces import LONGEST_NAME, MOST_LINKS, MOST_SPANS, MOST_TRACES, Trace, Traces
from deploy.local.watch.waterfall import WIDTH, rows_of
from tests.local.spans import sent_by, span, trace_id

PROTOBUF = {"content-type": MEDIA_TYPE}


async def nothing_known() -> Overview:
    return Overview(datetime.now(UTC), None, None, None, None, None)


@pytest.fixture
async def page() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Lookout(nothing_known), Traces())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8106") as http:
        yield http


def trace_of(traces: Traces, number: int = 1) -> Trace:
    found = traces.get(trace_id(number).hex())
    assert found
    return found


def cells(document: str, table: int = 0) -> list[list[str]]:
    rows = lxml.html.fromstring(document).findall(".//table")[table].findall("tbody/tr")
    return [[" ".join("".join(map(str, cell.itertext())).split()) for cell in row] for row in rows]


async def test_a_trace_is_listed_and_opens_to_its_spans_below_each_other(page: httpx.AsyncClient) -> None:
    request = span(1, 1, "GET /cards", took=40)
    await page.post("/v1/traces", content=sent_by("portal", request).SerializeToString(), headers=PROTOBUF)
    asked = [span(1, 3, "append cards", parent=2, after=10, took=8, failed=True), span(1, 2, parent=1, after=5)]
    answer = await page.post("/v1/traces", content=sent_by("cards", *asked).SerializeToString(), headers=PROTOBUF)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)

    listed = lxml.html.fromstring((await page.get("/")).text)
    (link,) = [a for a in listed.iterfind(".//a") if a.text == "GET /cards"]
    assert cells((await page.get("/")).text) == [["22:13:20", "GET /cards (failed)", "portal, cards", "3", "40"]]
    assert cells((await page.get(link.get("href") or "")).text) == [
        ["GET /cards", "portal", "0.0", "40.0", ""],
        ["GET /cards", "cards", "5.0", "10.0", ""],
        ["append cards (failed)", "cards", "10.0", "8.0", ""],
    ]


async def test_what_is_sent_packed_is_unpacked(page: httpx.AsyncClient) -> None:
    packed = gzip.compress(sent_by("portal", span(7, 1)).SerializeToString())
    answer = await page.post("/v1/traces", content=packed, headers={**PROTOBUF, "content-encoding": "gzip"})
    assert answer.status_code == 200
    assert (await page.get(f"/traces/{trace_id(7).hex()}")).status_code == 200


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"x" * (MOST_BYTES + 1), {}, 413),
        (gzip.compress(b"\0" * (MOST_BYTES + 1)), {"content-encoding": "gzip"}, 413),
        (b"\xff\xff\xff", {}, 400),
        (b"no gzip", {"content-encoding": "gzip"}, 400),
        (b"", {"content-encoding": "br"}, 415),
        (b"", {"content-type": "text/plain"}, 415),
        (b"", {"host": "rebound.example"}, 400),
    ],
)
async def test_what_is_no_trace_is_refused(
    page: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await page.post("/v1/traces", content=content, headers=PROTOBUF | headers)
    assert answer.status_code == status


@pytest.mark.parametrize("host", ["rebound.example", "127.0.0.1.rebound.example", "10.0.0.1:8106"])
async def test_a_page_of_another_site_does_not_get_in_by_a_name_of_its_own(page: httpx.AsyncClient, host: str) -> None:
    for path in ("/", "/static/watch.js"):
        assert (await page.get(path, headers={"host": host})).status_code == 400


@pytest.mark.parametrize("id", ["0" * 32, "0" * 33, "0", "G" * 32])
async def test_a_trace_that_is_not_there_is_not_found(page: httpx.AsyncClient, id: str) -> None:
    assert (await page.get(f"/traces/{id}")).status_code == 404


async def test_a_name_is_text_and_no_part_of_the_page(page: httpx.AsyncClient) -> None:
    sent = sent_by("<b>portal</b>", span(1, 1, "<script>alert(1)</script>"))
    await page.post("/v1/traces", content=sent.SerializeToString(), headers=PROTOBUF)
    for path in ("/", f"/traces/{trace_id(1).hex()}"):
        document = (await page.get(path)).text
        assert "<script>alert" not in document
        assert "&lt;b&gt;portal" in document


async def test_where_traces_go_elsewhere_the_page_says_so() -> None:
    app = create_app(Lookout(nothing_known), Traces(), "https://collector.example")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        assert "The services send their traces to https://collector.example, not here." in (await http.get("/")).text


def test_a_trace_is_called_by_what_was_asked_behind_the_gateway() -> None:
    traces = Traces()
    traces.add(sent_by("gateway", span(1, 1, "ingress", took=50), span(1, 2, "async authz", parent=1, took=6)))
    traces.add(sent_by("identity", span(1, 3, "GET /authz/required/{path}", parent=2, took=5)))
    assert trace_of(traces).name == "GET /authz/required/{path}", "as long as nothing else is known"
    traces.add(sent_by("portal", span(1, 4, "GET /cards", parent=1, after=7, took=40)))
    traces.add(sent_by("cards", span(1, 5, "project cards.view", parent=4, after=30, took=90)))
    assert trace_of(traces).name == "GET /cards"


def test_the_last_traces_are_kept_and_no_more() -> None:
    traces = Traces()
    for number in range(1, MOST_TRACES + 3):
        traces.add(sent_by("portal", span(number, 1, after=number)))
    newest, *_, oldest = traces.recent()
    assert len(traces.recent()) == MOST_TRACES
    assert (newest.id, oldest.id) == (trace_id(MOST_TRACES + 2).hex(), trace_id(3).hex())


def test_a_trace_keeps_so_many_spans_and_counts_the_rest() -> None:
    traces = Traces()
    traces.add(sent_by("portal", *(span(1, number) for number in range(1, MOST_SPANS + 6))))
    assert (len(trace_of(traces).spans), trace_of(traces).left_out) == (MOST_SPANS, 5)


def test_a_span_for_a_batch_is_part_of_every_trace_whose_event_was_in_it() -> None:
    traces = Traces()
    traces.add(sent_by("portal", span(1, 11), span(2, 22)))
    traces.add(sent_by("cards", span(3, 33, "project cards.view", links=[(1, 11), (2, 22)])))
    for number in (1, 2):
        assert [(row.span.name, row.depth) for row in rows_of(trace_of(traces, number))] == [
            ("GET /cards", 0),
            ("project cards.view", 1),
        ]


def test_nothing_that_is_sent_takes_much_room() -> None:
    traces = Traces()
    links = [(number, 1) for number in range(1, MOST_LINKS * 3)]
    traces.add(sent_by("s" * 9_999, span(1_000, 1, "n" * 9_999, links=links)))
    assert len(traces.recent()) == MOST_LINKS + 1
    (kept,) = trace_of(traces, 1_000).spans.values()
    assert (len(kept.name), len(kept.service)) == (LONGEST_NAME, LONGEST_NAME)


def test_a_span_without_ids_is_passed_over() -> None:
    traces, broken = Traces(), span(1, 1)
    broken.trace_id = b"short"
    traces.add(sent_by("portal", broken))
    assert traces.recent() == []


def test_spans_that_claim_to_have_caused_each_other_do_no_harm() -> None:
    traces = Traces()
    traces.add(sent_by("portal", span(1, 1), span(1, 2, parent=3), span(1, 3, parent=2), span(1, 4, parent=99)))
    assert {row.span.id[-1] for row in rows_of(trace_of(traces))} == {"1", "4"}


def test_a_bar_stands_where_its_span_was_in_time_and_can_always_be_seen() -> None:
    traces = Traces()
    traces.add(sent_by("portal", span(1, 1, took=100), span(1, 2, parent=1, after=50, took=25)))
    traces.add(sent_by("portal", span(1, 3, parent=1, after=100, took=0)))
    whole, half, instant = rows_of(trace_of(traces))
    assert (whole.x, whole.width) == (0, WIDTH)
    assert (half.x, half.width) == (WIDTH / 2, WIDTH / 4)
    assert 0 < instant.width <= WIDTH - instant.x
