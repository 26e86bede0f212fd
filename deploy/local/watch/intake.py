"""Operators' page, intake: OTLP over HTTP, protobuf (OpenTelemetry's protocol), at `/v1/traces`.

A page of another site cannot send here: what is taken is of a content type that a browser sends only after asking.
"""

import zlib
from collections.abc import AsyncIterator

from fastapi import APIRouter, HTTPException, Request, Response
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from deploy.local.watch.traces import Traces

MEDIA_TYPE = "application/x-protobuf"
MOST_BYTES = 2 << 20  # of one request, unpacked


def intake_router(traces: Traces) -> APIRouter:
    """`POST /v1/traces`; 400, 413 and 415 for what cannot be taken."""
    router = APIRouter()

    @router.post("/v1/traces")
    async def take(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip() != MEDIA_TYPE:
            raise HTTPException(415, f"{MEDIA_TYPE} is taken, nothing else")
        packed = await _whole(request.stream())
        sent = ExportTraceServiceRequest()
        try:
            sent.ParseFromString(_unpacked(packed, request.headers.get("content-encoding", "identity")))
        except (DecodeError, zlib.error) as error:
            raise HTTPException(400, "this is no ExportTraceServiceRequest") from error
        traces.add(sent)
        return Response(ExportTraceServiceResponse().SerializeToString(), media_type=MEDIA_TYPE)

    return router


async def _whole(pieces: AsyncIterator[bytes]) -> bytes:
    body = b""
    async for piece in pieces:
        body += piece
        if len(body) > MOST_BYTES:
            raise _too_large()
    return body


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "identity":
        return body
    if encoding != "gzip":
        raise HTTPException(415, "gzip is understood, no other encoding")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    unpacked = unpacking.decompress(body, MOST_BYTES)
    if unpacking.unconsumed_tail:
        raise _too_large()
    return unpacked


def _too_large() -> HTTPException:
    return HTTPException(413, f"at most {MOST_BYTES} bytes are taken")
