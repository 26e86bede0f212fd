"""No metric can hold a person: its labels name parts of the software, and what a client sends never becomes one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase

from chassis.health import Stateless
from chassis.http import METHODS, create_app
from chassis.sign_ins import OUTCOMES, counted
from chassis.token import TokenVerifier
from services.cards import main as cards
from services.identity import main as identity
from services.portal import main as portal
from services.settings import main as settings

ALL_METRICS = (cards, identity, portal, settings)  # loaded, so that theirs are there
NAMES_OF_SOFTWARE = {"route", "method", "status", "way", "outcome", "topic", "group", "part"}
ORIGIN = "http://localhost"


def ours() -> Iterator[MetricWrapperBase]:
    """All metrics that the services make."""
    for collector in REGISTRY._collector_to_names:
        if isinstance(collector, MetricWrapperBase):
            yield collector


def test_every_label_names_a_part_of_the_software() -> None:
    labels = {metric._name: set(metric._labelnames) for metric in ours() if not metric._name.startswith("test_")}
    assert {
        "http_requests",
        "relay_backlog_events",
        "password_hash_waiting",
        "erasures_overdue_seconds",
    } <= labels.keys()
    assert {name: names - NAMES_OF_SOFTWARE for name, names in labels.items() if names - NAMES_OF_SOFTWARE} == {}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


router = APIRouter()


@router.get("/cards/{card_id}")
async def read(card_id: str) -> str:
    return card_id


APP = create_app(
    "Labels",
    [router],
    origin=ORIGIN,
    lifespan=lifespan,
    watched=Stateless({}),
    token_verifier=TokenVerifier(ORIGIN),
)


def labels_of_requests() -> set[tuple[str, ...]]:
    found = REGISTRY.collect()
    samples = [sample for metric in found if metric.name.startswith("http_request") for sample in metric.samples]
    return {(sample.labels.get("route", ""), sample.labels.get("method", "")) for sample in samples}


async def ask(method: str, path: str, header: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=ORIGIN) as http:
        await http.request(method, path, headers={"user-agent": header, "x-request-id": header}, params={"q": header})


TOKENS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-+_", min_size=1, max_size=20)


@given(TOKENS, TOKENS)
async def test_whatever_a_client_sends_the_labels_are_the_routes_patterns_and_the_known_methods(
    method: str, said: str
) -> None:
    before = labels_of_requests()
    await ask(method, f"/cards/{said}", said)
    await ask("GET", f"/cards/{said}", said)
    await ask(method, f"/{said}", said)
    routes, methods = {"/cards/{card_id}", "unmatched"}, METHODS | {"other"}
    assert labels_of_requests() - before <= {(route, known) for route in routes for known in methods}


class Refused(Exception):
    """Says more than it should."""


def test_the_outcome_of_a_sign_in_is_a_class_and_never_what_it_says() -> None:
    with pytest.raises(Refused), counted("password"):
        raise Refused("Соколова +79001234567")
    with counted("esia"):
        pass
    outcomes = {tuple(sample.labels.values()) for metric in OUTCOMES.collect() for sample in metric.samples}
    assert {("password", "Refused"), ("esia", "Granted")} <= outcomes
    assert "Соколова" not in str(outcomes)
