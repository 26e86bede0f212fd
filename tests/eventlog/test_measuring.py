"""Measuring stands beside the work: what cannot be asked is not shown, and stops nothing else."""

import asyncio
from uuid import uuid4

import pytest
from prometheus_client import Gauge
from structlog.testing import capture_logs

from eventlog import measuring
from eventlog.measures import UNKNOWN, Measured, Table
from eventlog.measuring import Measuring, Source
from eventlog.supervisor import NEVER


def new_gauge(*labels: str) -> Gauge:
    return Gauge(f"test_{uuid4().hex}", "of a test", labels)


def shown(gauge: Gauge) -> dict[tuple[str, ...], float]:
    return {tuple(sample.labels.values()): sample.value for metric in gauge.collect() for sample in metric.samples}


def test_rows_come_and_go() -> None:
    gauge = new_gauge("group")
    gauge.labels("of somebody else").set(7)
    table = Table(gauge)
    table.show({("a",): 1, ("b",): 2})
    table.show({("b",): 3})
    assert shown(gauge) == {("of somebody else",): 7, ("b",): 3}


def test_a_gauge_without_labels_shows_nothing_to_compare_where_nothing_is_known() -> None:
    gauge = new_gauge()
    table = Table(gauge)
    table.show({(): 5.0})
    assert shown(gauge) == {(): 5.0}
    table.show({})
    assert str(shown(gauge)[()]) == str(UNKNOWN)


class Failing:
    """A source that answers, or not."""

    def __init__(self) -> None:
        self.gauge = new_gauge("group")
        self.error: Exception | None = None
        self.hangs = False
        self.closed = False

    async def measure(self) -> Measured:
        if self.hangs:
            await asyncio.sleep(60)
        if self.error:
            raise self.error
        return {self.gauge: {("a",): 1}}

    async def close(self) -> None:
        self.closed = True

    def source(self) -> Source:
        return Source("failing", [self.gauge], self.measure, self.close)


async def test_what_cannot_be_asked_is_not_shown_and_the_rest_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "ANSWER_SECONDS", 0.2)
    away, hanging, well = Failing(), Failing(), Failing()
    part = Measuring([one.source() for one in (away, hanging, well)])
    await part.measure()
    assert shown(away.gauge) == shown(hanging.gauge) == shown(well.gauge) == {("a",): 1}
    away.error, hanging.hangs = OSError("+79001234567"), True
    with capture_logs() as logs:
        await part.measure()
    assert (shown(away.gauge), shown(hanging.gauge), shown(well.gauge)) == ({}, {}, {("a",): 1})
    assert {(line["event"], line["error"]) for line in logs} == {
        ("not_measured", "OSError"),
        ("not_measured", "TimeoutError"),
    }
    assert "+79001234567" not in str(logs)


async def test_a_process_that_ends_shows_nothing_more_and_closes_what_it_opened() -> None:
    source = Failing()
    part = Measuring([source.source()])
    living = asyncio.create_task(part.run())
    async with asyncio.timeout(5):
        while part.last_turn == NEVER:
            await asyncio.sleep(0.01)
    assert shown(source.gauge) == {("a",): 1}
    living.cancel()
    await asyncio.wait([living])
    assert shown(source.gauge) == {}
    assert source.closed


async def test_a_question_that_is_under_way_is_waited_for_at_the_end() -> None:
    begun, answered = asyncio.Event(), asyncio.Event()
    source = Failing()

    async def slow() -> Measured:
        begun.set()
        await asyncio.sleep(0.2)
        answered.set()
        return {}

    living = asyncio.create_task(Measuring([Source("slow", [source.gauge], slow, source.close)]).run())
    await begun.wait()
    living.cancel()
    await asyncio.wait([living])
    assert answered.is_set()
    assert source.closed
