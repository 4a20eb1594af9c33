"""Requests to the API for simulations, and what is in its answers."""

from typing import Any

import httpx

from ..builders import READER_TOKEN, WRITER_TOKEN

PATH = "/v1/simulations"
AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}
AS_WRITER = {"Authorization": f"Bearer {WRITER_TOKEN}"}
Json = dict[str, Any]
SPEC: Json = {
    "cell": {"parameterSet": "Chen2020"},
    "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
}


async def post(client, body: Any, path: str = PATH, **headers: str) -> httpx.Response:
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    return await client.post(path, json=body, headers=AS_WRITER | headers)


def slug(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["type"].removeprefix("urn:batterysim:problem:")


def wrong_fields(answer: httpx.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]
