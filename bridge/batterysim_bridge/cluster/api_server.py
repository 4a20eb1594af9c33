"""HTTP to the Kubernetes API server, with plain JSON in and out."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from kubernetes.aio import client, config

from batterysim_bridge.cluster.cluster import ClusterError

REQUEST_SECONDS = 10.0
# Bookmarks come about once a minute, so a watch that is silent for longer has lost its connection.
WATCH_SILENCE_SECONDS = 150
WATCH_GRACE_SECONDS = 30

Query = Mapping[str, str | int | None]


class ApiServer:
    """The API server that the pod runs under, or else that of the kubeconfig.

    The `kubernetes` package brings configuration, credentials, TLS and connections. Its typed API would more
    than double the bridge's memory and start-up time, and the bridge needs a handful of fields.
    """

    def __init__(self, api_client: client.ApiClient) -> None:
        self._api_client = api_client

    @classmethod
    async def connect(cls) -> "ApiServer":
        """Read the configuration. The API server need not be there yet.

        Raises:
            ClusterError: there is no configuration.
        """
        configuration = client.Configuration()
        try:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        except config.ConfigException:
            try:
                await config.load_kube_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            except config.ConfigException as error:
                raise ClusterError(f"not in a pod, and no kubeconfig: set KUBECONFIG ({error})") from error
        return cls(client.ApiClient(configuration))

    async def close(self) -> None:
        """Close the connections."""
        await self._api_client.close()  # type: ignore[no-untyped-call]

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Make a request; return the answer's JSON.

        Raises:
            kubernetes.aio.client.ApiException: any other answer than a 2xx.
            aiohttp.ClientError, TimeoutError, OSError: no answer.
        """
        response = await self._call(method, path, query, body, headers, REQUEST_SECONDS)
        await _raise_for_status(response)
        return json.loads(await response.read())

    async def watch(self, path: str, query: Query, seconds: int) -> AsyncGenerator[Any, None]:
        """Watch; yield each event's JSON.

        Raises:
            As `request`, at any time.
        """
        timeout = aiohttp.ClientTimeout(
            total=seconds + WATCH_GRACE_SECONDS, sock_connect=REQUEST_SECONDS, sock_read=WATCH_SILENCE_SECONDS
        )
        watch_query = {**query, "watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": seconds}
        response = await self._call("GET", path, watch_query, None, None, timeout)
        answer: aiohttp.ClientResponse = response.response
        try:
            await _raise_for_status(response)
            async for line in answer.content:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise client.exceptions.ApiException(status["code"], status["message"])
                yield event
        finally:
            answer.close()

    async def _call(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        timeout: float | aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp keeps it
    ) -> Any:
        given = [(key, value) for key, value in (query or {}).items() if value is not None]
        request = await self._api_client.param_serialize(
            method,
            path,
            query_params=given,
            header_params={"Accept": "application/json", **(headers or {})},
            body=body,
            auth_settings=["BearerToken"],
        )
        return await self._api_client.call_api(*request, _request_timeout=timeout)


async def _raise_for_status(response: Any) -> None:
    if not 200 <= response.status <= 299:
        body = (await response.read()).decode(errors="replace")
        raise client.exceptions.ApiException.from_response(http_resp=response, body=body, data=None)


@contextmanager
def api_errors(doing: str) -> Iterator[None]:
    """Turn whatever `ApiServer` raises into ClusterError. `doing` completes "the API server did not …"."""
    try:
        yield
    except client.exceptions.ApiException as error:
        raise ClusterError(f"the API server did not {doing}: {error.status} {message_of(error)}") from error
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise ClusterError(
            f"cannot {doing}: no answer from the API server ({type(error).__name__}: {error})"
        ) from error


def message_of(error: client.exceptions.ApiException) -> str:
    """Return what the API server says, from its Status object if it sent one."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)
