"""The gateway as `deploy/local/envoy.yaml` has it: which request goes where, and what identity is asked before."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from deploy.local.ports import Ports

ENVOY = Path(__file__).parents[2] / "deploy/local/envoy.yaml"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
LIMITER = "envoy.filters.http.local_ratelimit"
FILTERS = {"authz.required": "/authz/required", "authz.optional": "/authz/optional"}


@dataclass(frozen=True)
class Way:
    """What becomes of a request: the service that gets it (null: nobody does), and what identity is asked first."""

    service: str | None
    asked: str | None


@dataclass(frozen=True)
class Limits:
    """How many requests per second are let through, of one client address and of all together."""

    of_one: int
    of_all: int


@cache
def envoy() -> Any:
    """The configuration, its ports filled in."""
    return yaml.safe_load(Template(ENVOY.read_text()).safe_substitute(asdict(Ports())))


def way_of(method: str, path: str) -> Way:
    """As Envoy does: the first route that fits."""
    for route in routes():
        if _fits(route["match"], method, path):
            asked = [said for name, said in FILTERS.items() if not _is_off(route, name)]
            assert len(asked) <= 1, f"{path}: one filter has to be off"
            return Way(route.get("route", {}).get("cluster"), asked[0] if asked else None)
    raise AssertionError("the last route fits everything")


def routes() -> list[dict[str, Any]]:
    """The routes of the portal, in their order."""
    found: list[dict[str, Any]] = _portal()["routes"]
    return found


def services_called() -> set[str]:
    """Every service that the gateway opens connections to: to route, or to ask."""
    routed = {way.service for method in METHODS for path in probes() if (way := way_of(method, path)).service}
    asked = {_filter(name)["http_service"]["server_uri"]["cluster"] for name in FILTERS}
    return {service for service in routed | asked if service}


def limited_paths() -> list[str]:
    """The paths of which at least some requests are limited."""
    patterns = [header["string_match"].get("safe_regex", {}).get("regex", "") for way in _limited() for header in way]
    return [
        f"/{path}" for pattern in patterns for ways in re.findall(r"^/\((.+?)\)", pattern) for path in ways.split("|")
    ]


def limits_of(method: str, path: str) -> Limits | None:
    """What is let through of requests like this one, whose path may have a query; null where it is not limited."""
    found = [_limits(way) for way in _limited() if all(_says(header, method, path) for header in way)]
    assert len(found) <= 1
    return found[0] if found else None


def told_headers() -> set[str]:
    """What identity is told of a request."""
    (told,) = {tuple(each["exact"] for each in _filter(name)["allowed_headers"]["patterns"]) for name in FILTERS}
    return set(told)


def believed_headers() -> set[str]:
    """What a service is told of identity's answer, and by nobody else."""
    answers = [_filter(name)["http_service"]["authorization_response"]["allowed_upstream_headers"] for name in FILTERS]
    return {each["exact"] for answer in answers for each in answer["patterns"]}


def added_headers() -> dict[str, str]:
    """What the gateway tells a service itself."""
    return {each["header"]["key"]: each["header"]["value"] for each in _portal()["request_headers_to_add"]}


def removed_headers() -> set[str]:
    """What is taken from every request before anything else sees it."""
    (first,) = _manager()["early_header_mutation_extensions"]
    return {each["remove"] for each in first["typed_config"]["mutations"]}


def overwritten_tags() -> dict[str, str]:
    """What Envoy's own spans say in the place of what they would say by themselves."""
    return {each["tag"]: each["literal"]["value"] for each in _manager()["tracing"]["custom_tags"]}


def body_limit() -> int:
    """The most bytes that a request's body may have."""
    limit: int = _filter("envoy.filters.http.buffer")["max_request_bytes"]
    return limit


def probes() -> list[str]:
    """Paths that tell routes apart: each that a route names, what is below it, and what only looks like it."""
    named = {_path(route["match"]) for route in routes()}
    return sorted(
        {path for name in named for path in (name, f"{name}/", f"{name}/x", f"{name}x", f"{name}/x/y")} - {"//"}
    )


def _path(match: Mapping[str, Any]) -> str:
    said = match.get("path") or match.get("path_separated_prefix") or match.get("prefix")
    assert isinstance(said, str)
    return said.rstrip("/") or "/"


def _fits(match: Mapping[str, Any], method: str, path: str) -> bool:
    if unknown := match.keys() - {"path", "path_separated_prefix", "prefix", "headers"}:
        raise ValueError(f"a match that is not understood here: {unknown}")
    if not all(_says(header, method) for header in match.get("headers", [])):
        return False
    if "path" in match:
        return bool(path == match["path"])
    if separated := match.get("path_separated_prefix"):
        return path == separated or path.startswith(f"{separated}/")
    return bool(path.startswith(match["prefix"]))


def _says(header: Mapping[str, Any], method: str, path: str = "") -> bool:
    value = {":method": method, ":path": path}[header["name"]]
    said = header["string_match"]
    return bool(value == said["exact"] if "exact" in said else re.fullmatch(said["safe_regex"]["regex"], value))


def _limited() -> list[list[dict[str, Any]]]:
    """What the headers of limited requests say, by way; each has a bucket for every address, and one for all."""
    said = [limit["actions"] for limit in _filter(LIMITER)["rate_limits"]]
    ways = [actions[0]["header_value_match"]["headers"] for actions in said if actions[1:] == [{"remote_address": {}}]]
    assert ways == [actions[0]["header_value_match"]["headers"] for actions in said if len(actions) == 1]
    return ways


def _limits(way: list[dict[str, Any]]) -> Limits:
    (name,) = {
        match["descriptor_value"]
        for limit in _filter(LIMITER)["rate_limits"]
        if (match := limit["actions"][0]["header_value_match"])["headers"] == way
    }
    entry = {"key": "way", "value": name}
    return Limits(_per_second([entry, {"key": "remote_address"}]), _per_second([entry]))


def _per_second(entries: list[dict[str, str]]) -> int:
    (bucket,) = [each["token_bucket"] for each in _filter(LIMITER)["descriptors"] if each["entries"] == entries]
    assert bucket["fill_interval"] == "1s"
    return int(bucket["tokens_per_fill"])


def _is_off(route: Mapping[str, Any], name: str) -> bool:
    return bool(route.get("typed_per_filter_config", {}).get(name, {}).get("disabled"))


def _portal() -> Any:
    (portal,) = [host for host in _manager()["route_config"]["virtual_hosts"] if host["name"] == "portal"]
    return portal


def _filter(name: str) -> Any:
    (found,) = [each["typed_config"] for each in _manager()["http_filters"] if each["name"] == name]
    return found


def _manager() -> Any:
    (listener,) = envoy()["static_resources"]["listeners"]
    return listener["filter_chains"][0]["filters"][0]["typed_config"]
