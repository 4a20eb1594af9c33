"""Everything by the bridge's REST API, with a URL and a token."""

import os
from collections.abc import AsyncGenerator, AsyncIterator

import httpx
from httpx_sse import EventSource, ServerSentEvent, SSEError

from batterysim import names
from batterysim_client.backends.backend import Began, Complete, Deleted, Event, Json, Upserted
from batterysim_client.backends.bearer_auth import BearerAuth, read_token
from batterysim_client.backends.bridge_list import items_of
from batterysim_client.backends.http import Http, Query, json_of, new_client
from batterysim_client.backends.kubeconfig import DEFAULT_NAMESPACE
from batterysim_client.backends.proxy import proxy_for
from batterysim_client.backends.result_server import ResultServer
from batterysim_client.backends.sweep_server import SweepServer, bridge_path
from batterysim_client.connection import Connection
from batterysim_client.errors import RefusedError, UnreachableError
from batterysim_client.filter import Filter
from batterysim_client.simulation import Simulation, to_simulation


class HttpBackend:
    """The way by URL and token.

    url: the bridge's.
    """

    def __init__(self, http: Http, url: str, namespace: str) -> None:
        self._http = http
        self.where = url
        self.namespace = namespace
        self.sweeps = SweepServer(http, bridge_path, self._bridge_at)

    @classmethod
    def connect(cls, connection: Connection) -> "HttpBackend":
        """Prepare the connection; nothing is called yet."""
        url = connection.server or ""

        def token() -> str | None:
            return connection.token or (connection.token_file and read_token(connection.token_file)) or None

        client = new_client(url, proxy_for(url, os.environ), BearerAuth(token))
        return cls(Http(client, url), url, connection.namespace or DEFAULT_NAMESPACE)

    async def create(self, manifest: Json, key: str | None) -> Simulation:
        """Create a simulation once."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return to_simulation(
            await self._http.json("POST", names.SIMULATIONS_PATH, body=manifest, headers=headers)
        )

    async def read(self, namespace: str, name: str) -> Simulation:
        """Return a simulation."""
        return to_simulation(await self._http.json("GET", names.simulation_path(namespace, name)))

    async def simulations(self, namespace: str | None, wanted: Filter) -> AsyncIterator[Simulation]:
        """Yield simulations without their specs, page by page."""
        query = [*_where(namespace), *wanted.query()]
        async for item in items_of(self._http, names.SIMULATIONS_PATH, query):
            yield to_simulation(item)

    async def delete(self, namespace: str, name: str) -> None:
        """Delete a simulation."""
        await self._http.json("DELETE", names.simulation_path(namespace, name))

    async def events(
        self, namespace: str | None, name: str | None, since: str | None
    ) -> AsyncGenerator[Event]:
        """Yield server-sent events."""
        one = None if namespace is None or name is None else names.simulation_path(namespace, name)
        path = f"{one or names.SIMULATIONS_PATH}/events"
        query = [] if one else _where(namespace)
        headers = {"Accept": "text/event-stream"} | ({} if since is None else {"Last-Event-ID": since})
        async with self._http.stream("GET", path, query=query, headers=headers) as response:
            if since is None and one is None:
                yield Began()
            if response.status_code == httpx.codes.NO_CONTENT:
                return
            try:
                async for event in EventSource(response).aiter_sse():
                    if (told := _event(event, self.where)) is not None:
                        yield told
            except SSEError as error:
                raise UnreachableError(f"{self.where} sends no events: is it the bridge?") from error

    async def log(
        self,
        namespace: str,  # noqa: ARG002
        name: str,
        *,
        follow: bool,  # noqa: ARG002
    ) -> AsyncIterator[str]:
        """Refuse: the bridge may not read pods.

        Raises:
            RefusedError: always.
        """
        raise RefusedError(
            f"the bridge at {self.where} does not serve logs: read that of {name!r} with a kubeconfig"
        )
        yield  # which makes this an iterator, like the other way's

    async def check(self, manifest: Json) -> None:
        """Return if a simulation can be run."""
        await self._http.json("POST", "/v1/validate", body=manifest)

    async def bridge(self, namespace: str, name: str) -> ResultServer:  # noqa: ARG002 - it has all of them
        """Return the bridge."""
        return ResultServer(self._http)

    async def _bridge_at(self, uri: str | None) -> ResultServer:  # noqa: ARG002 - it has all of them
        return ResultServer(self._http)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def _where(namespace: str | None) -> Query:
    return [] if namespace is None else [("namespace", namespace)]


def _event(event: ServerSentEvent, where: str) -> Event | None:
    match event.event:
        case "reset":
            return Began()
        case "sync":
            return Complete(event.id)
        case "deleted":
            return Deleted(to_simulation(json_of(event.data, where)), event.id)
        case "phase" | "progress" | "end":
            return Upserted(to_simulation(json_of(event.data, where)), event.id)
    return None
