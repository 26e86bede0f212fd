"""Local stand, requests to Kafka that aiokafka's admin client has no method for: users' passwords and rights.

Numbers are those of Kafka's protocol (https://kafka.apache.org/protocol).
"""

import hashlib
import os
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactBytes, CompactString, Int8, Int16, Int32, Schema, TaggedFields

from ops.acls import Acl

SCRAM_SHA_512 = 2
ITERATIONS = 4096  # the least that Kafka takes; the passwords are random, so that more would protect nothing


async def add_acl(client: AIOKafkaAdminClient, acl: Acl) -> None:
    """Grant a right. Raises KafkaError."""
    for result in (await _send(client, CreateAclsRequest(*acl))).creation_responses:
        _require(*result)


async def drop_acl(client: AIOKafkaAdminClient, acl: Acl) -> None:
    """Withdraw a right. Raises KafkaError."""
    for code, message, _ in (await _send(client, DeleteAclsRequest(*acl))).filter_responses:
        _require(code, message)


async def set_password(client: AIOKafkaAdminClient, user: str, password: str) -> None:
    """Let the user come in by this password alone; the broker gets no more than a salted hash. Raises KafkaError."""
    for result in (await _send(client, _AlterUserScramCredentialsRequest(user, password))).results:
        _require(result[1], result[2])


async def _send(client: AIOKafkaAdminClient, request: Request[Any]) -> Any:
    return await client._client.send(client._client.get_random_node(), request)


def _require(code: int, message: str | None) -> None:
    if code:
        raise for_code(code)(message)


class _AlterUserScramCredentialsResponse(Response):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "results",
            CompactArray(
                ("user", CompactString("utf-8")),
                ("error_code", Int16),
                ("error_message", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterUserScramCredentials(RequestStruct):  # type: ignore[misc]  # aiokafka ships no types
    FLEXIBLE_VERSION = True
    API_KEY = 51
    API_VERSION = 0
    RESPONSE_TYPE = _AlterUserScramCredentialsResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", CompactString("utf-8")), ("mechanism", Int8), ("tags", TaggedFields))),
        (
            "upsertions",
            CompactArray(
                ("name", CompactString("utf-8")),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _AlterUserScramCredentialsRequest(Request[_AlterUserScramCredentials]):  # type: ignore[misc]  # aiokafka ships no types
    API_KEY = 51
    ALLOW_UNKNOWN_API_VERSION = True  # aiokafka asks for versions, but may not have been told of this one

    def __init__(self, user: str, password: str) -> None:
        salt = os.urandom(24)
        salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        self._upsertion: tuple[Any, ...] = (user, SCRAM_SHA_512, ITERATIONS, salt, salted, {})

    def build(self, request_struct_class: type[_AlterUserScramCredentials]) -> _AlterUserScramCredentials:
        return request_struct_class([], [self._upsertion], {})
