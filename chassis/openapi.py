"""The OpenAPI document of a service: FastAPI's own, with every error described as the problem+json that it is."""

from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chassis.problem import ProblemBody

_SCHEMAS = "#/components/schemas/"
_PROBLEM: dict[str, Any] = {
    "description": "RFC 9457: `type` is /problems/<code>, `detail` and `errors` are in Russian, for people",
    "content": {"application/problem+json": {"schema": {"$ref": f"{_SCHEMAS}{ProblemBody.__name__}"}}},
}
# Not by FastAPI's `model`: that would describe an error as application/json too.
PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "5XX": _PROBLEM}


# FastAPI's own telemetry would put whole addresses into spans and texts of exceptions into records; the Guard has ours.
_UNTOLD: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}


class DescribedApi(FastAPI):
    """An application whose description holds the schemas that `PROBLEM_RESPONSES` refer to."""

    def __init__(self, **given: Any) -> None:
        super().__init__(telemetry=_UNTOLD, **given)

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        described = super().openapi()
        bodies: list[tuple[type[BaseModel], JsonSchemaMode]] = [(ProblemBody, "serialization")]
        _, problem = models_json_schema(bodies, ref_template=f"{_SCHEMAS}{{model}}")
        described.setdefault("components", {}).setdefault("schemas", {}).update(problem["$defs"])
        return described
