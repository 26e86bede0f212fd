import re
from collections.abc import Iterator

import httpx
import pytest

from deploy.local.gateway import SHARE_OF_TRACES, TRACES_GO_TO, traces
from deploy.local.ports import Ports
from deploy.local.processes import StartFailed
from tests.local.gateways import gateway_in
from tests.local.upstreams import SESSION, TOKEN, upstreams

pytestmark = pytest.mark.servers

SIGNED_IN = {"cookie": SESSION}
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FORGED = {"x-access-token": "forged"}
SERVICES = ("identity", "cards", "settings", "portal")
OPEN = [
    ("GET", "/", "portal"),
    ("GET", "/docs/events", "portal"),
    ("POST", "/cards", "portal"),
    ("POST", "/settings", "portal"),
    ("GET", "/cardsharps", "portal"),
    ("GET", "/api/regions", "portal"),
    ("GET", "/api/identity/consents/current", "identity"),
    ("POST", "/api/identity/attempts/1/completion", "identity"),
    ("POST", "/api/identity/sessions", "identity"),
    ("POST", "/api/settings/sign-ins", "settings"),
]
CLOSED = [
    ("GET", "/api/identity/session", "identity"),
    ("GET", "/api/identity/sessions", "identity"),
    ("GET", "/api/cards", "cards"),
    ("POST", "/api/cards/1/restoration", "cards"),
    ("PUT", "/api/settings/profile", "settings"),
    ("GET", "/api/settings/sign-ins", "settings"),
    ("GET", "/api/anything", "portal"),
    ("GET", "/cards", "portal"),
    ("GET", "/settings/", "portal"),
    ("HEAD", "/cards/1/edit", "portal"),
]


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    with gateway_in(tmp_path_factory.mktemp("gateway")) as ports:
        yield ports


@pytest.fixture(scope="class")
def behind(ports: Ports) -> Iterator[None]:
    with upstreams((name, getattr(ports, name)) for name in SERVICES):
        yield


@pytest.fixture
def outside(ports: Ports) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://localhost:{ports.gateway}", trust_env=False) as client:
        yield client


@pytest.mark.usefixtures("behind")
class TestWithEveryServiceUp:
    @pytest.mark.parametrize(("method", "path", "service"), OPEN)
    def test_an_open_route_lets_a_stranger_in_without_a_token(
        self, outside: httpx.Client, method: str, path: str, service: str
    ) -> None:
        seen = outside.request(method, path, headers=FORGED).json()
        assert (seen["service"], seen["method"], seen["path"]) == (service, method, path)
        assert "x-access-token" not in seen

    @pytest.mark.parametrize(("method", "path", "service"), OPEN)
    def test_an_open_route_says_who_is_signed_in(
        self, outside: httpx.Client, method: str, path: str, service: str
    ) -> None:
        assert outside.request(method, path, headers=SIGNED_IN | FORGED).json()["x-access-token"] == TOKEN

    @pytest.mark.parametrize(("method", "path", "service"), CLOSED)
    def test_a_closed_route_refuses_a_stranger_as_identity_says(
        self, outside: httpx.Client, method: str, path: str, service: str
    ) -> None:
        answer = outside.request(method, path, headers=FORGED)
        if path.startswith("/api/"):
            assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
            assert answer.json() == {"status": 401}
        else:
            assert (answer.status_code, answer.headers["location"]) == (302, "/sign-in")

    @pytest.mark.parametrize(("method", "path", "service"), [row for row in CLOSED if row[0] != "HEAD"])
    def test_a_closed_route_passes_on_identitys_token_and_no_other(
        self, outside: httpx.Client, method: str, path: str, service: str
    ) -> None:
        seen = outside.request(method, path, headers=SIGNED_IN | FORGED).json()
        assert (seen["service"], seen["x-access-token"]) == (service, TOKEN)

    def test_styles_ask_nobody_and_carry_no_token(self, outside: httpx.Client) -> None:
        assert "x-access-token" not in outside.get("/static/portal.css", headers=SIGNED_IN | FORGED).json()

    @pytest.mark.parametrize("path", ["/health/ready", "/metrics", "/authz/required/cards", "/.well-known/jwks.json"])
    def test_what_is_for_operators_is_not_for_the_outside(self, outside: httpx.Client, path: str) -> None:
        answer = outside.get(path, headers=SIGNED_IN)
        assert answer.status_code == 404
        assert "Такой страницы нет" in answer.text

    @pytest.mark.parametrize("path", ["//cards", "/x/../cards", "/./cards", "/%63ards"])
    def test_another_spelling_of_a_closed_path_is_closed_too(self, outside: httpx.Client, path: str) -> None:
        request = httpx.Request("GET", outside.base_url, extensions={"target": path.encode()})
        assert outside.send(request).status_code == 302

    def test_an_escaped_slash_is_refused(self, outside: httpx.Client) -> None:
        assert outside.get("/x%2fcards").status_code == 400

    def test_the_client_address_is_the_clients_own_whatever_it_claims(self, ports: Ports) -> None:
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        with httpx.Client(transport=transport, base_url=f"http://localhost:{ports.gateway}") as client:
            seen = client.get("/", headers={"x-client-address": "203.0.113.7"}).json()
        assert seen["x-client-address"] == "127.0.0.2"

    def test_a_request_id_is_the_gateways_own(self, outside: httpx.Client) -> None:
        assert outside.get("/", headers={"x-request-id": "mine"}).json()["x-request-id"] != "mine"

    def test_a_trace_is_the_gateways_own_and_without_a_collector_nobody_collects_it(
        self, outside: httpx.Client
    ) -> None:
        said = dict.fromkeys(("tracestate", "baggage", "x-client-trace-id"), "mine=1") | {"traceparent": TRACE}
        seen = outside.get("/", headers=said).json()
        assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", seen["traceparent"])
        assert seen["traceparent"][3:35] != TRACE[3:35]
        assert "mine" not in str(seen)

    def test_too_large_a_form_is_refused_in_words(self, outside: httpx.Client) -> None:
        page, api = (outside.post(path, content=b"x" * 70_000) for path in ("/settings", "/api/settings/sign-ins"))
        assert (page.status_code, api.status_code) == (413, 413)
        assert "слишком много данных" in page.text
        assert (api.headers["content-type"], api.json()["status"]) == ("application/problem+json; charset=utf-8", 413)

    def test_nothing_tells_what_software_answers(self, outside: httpx.Client) -> None:
        headers = outside.get("/").headers
        assert not {"server", "x-envoy-upstream-service-time"} & set(headers)

    def test_whoever_types_the_number_is_sent_to_the_name(self, ports: Ports) -> None:
        answer = httpx.get(f"http://127.0.0.1:{ports.gateway}/sign-in?x=1", trust_env=False)
        assert answer.headers["location"] == f"http://localhost:{ports.gateway}/sign-in?x=1"


def test_the_gateway_sends_traces_where_and_as_often_as_the_services_do() -> None:
    told = traces({TRACES_GO_TO: "http://collector:4318/otlp/", SHARE_OF_TRACES: "0.05"})
    assert told == {
        "traces_percent": 5,
        "traces_url": "http://collector:4318/otlp/v1/traces",
        "traces_host": "collector",
        "traces_port": 4318,
    }


@pytest.mark.parametrize("address", ["https://collector:4318", "collector:4318", "http://"])
def test_where_the_gateway_cannot_send_traces_it_says_so(address: str) -> None:
    with pytest.raises(StartFailed, match="plain http"):
        traces({TRACES_GO_TO: address})


class TestWithEveryServiceDown:
    @pytest.mark.parametrize("path", ["/", "/cards", "/static/portal.css"])
    def test_a_page_says_so_in_russian(self, outside: httpx.Client, path: str) -> None:
        answer = outside.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
        assert "Портал сейчас недоступен" in answer.text

    @pytest.mark.parametrize("path", ["/api/regions", "/api/cards"])
    def test_the_api_says_so_as_a_problem(self, outside: httpx.Client, path: str) -> None:
        answer = outside.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json; charset=utf-8")
        assert answer.json()["status"] == 503
