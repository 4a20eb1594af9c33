"""Objects and logs from the API server with the user's own credentials; results from the bridge behind it."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from operator import attrgetter

import anyio

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.idempotency import LABEL_KEY_HASH, key_hash
from batterysim_client.backends.backend import Began, Complete, Deleted, Event, Json, Seen, Upserted
from batterysim_client.backends.bridge_access import BridgeAccess
from batterysim_client.backends.creation import if_same, marked
from batterysim_client.backends.http import (
    WATCH_TIMEOUT,
    Http,
    Query,
    error_of,
    json_of,
    lines_of,
    new_client,
)
from batterysim_client.backends.inputs import FIELD_MANAGER, Inputs, too_long
from batterysim_client.backends.kubeconfig import load_credentials
from batterysim_client.backends.pod_log import pod_log
from batterysim_client.backends.result_server import ResultServer
from batterysim_client.backends.sweep_server import SweepServer, api_server_path
from batterysim_client.connection import Connection
from batterysim_client.errors import ConflictError
from batterysim_client.filter import Filter
from batterysim_client.simulation import Simulation, to_simulation

PAGE_SIZE = 500
WATCH_SECONDS = 600
GONE = 410
CREATION = (("fieldManager", FIELD_MANAGER), ("fieldValidation", "Strict"))


class KubernetesBackend:
    """The way by kubeconfig."""

    def __init__(self, http: Http, where: str, namespace: str, access: BridgeAccess) -> None:
        self._http = http
        self._access = access
        self.where = where
        self.namespace = namespace
        self.sweeps = SweepServer(http, api_server_path, access.bridge_at, CREATION)

    @classmethod
    async def connect(cls, connection: Connection) -> "KubernetesBackend":
        """Read the credentials; the API server is not called yet.

        Raises:
            ConfigurationError: there are none.
        """
        found = await anyio.to_thread.run_sync(load_credentials, connection.kubeconfig, connection.context)
        client = new_client(found.url, found.proxy, found.auth(), found.tls)
        http = Http(client, f"the API server of {found.where}", tls_server_name=found.tls_server_name)
        access = BridgeAccess(http, found.token, connection.bridge, connection.service_account)
        return cls(http, found.where, connection.namespace or found.namespace, access)

    async def create(self, manifest: Json, key: str | None) -> Simulation:
        """Create a simulation once, as the bridge does it: the same request gets the same simulation.

        Contents that are too long for a spec go into a ConfigMap, which the simulation owns.
        """
        apart = too_long(manifest["spec"])
        if apart is None:
            parse_spec(manifest["spec"])
            return await self._create(manifest, key)
        parse_spec(apart.spec, apart.read)
        inputs = Inputs(self._http, manifest["metadata"]["namespace"], apart)
        async with inputs.created():
            simulation = await self._create({**manifest, "spec": apart.spec}, key)
            await inputs.belong_to(simulation)
        return simulation

    async def _create(self, manifest: Json, key: str | None) -> Simulation:
        request = marked(manifest, key)
        namespace, name = request["metadata"]["namespace"], request["metadata"].get("name")
        if key is not None and (existing := await self._of_key(namespace, key)):
            return if_same(existing[0], request)
        try:
            created = to_simulation(
                await self._http.json("POST", _path(namespace), query=CREATION, body=request)
            )
        except ConflictError:
            if name is None:
                raise
            return if_same(await self.read(namespace, name), request)
        if key is not None:
            await self._give_way(created, request, key)
        return created

    async def _give_way(self, created: Simulation, request: Json, key: str) -> None:
        """Delete what has just been created, if the key had another one at that moment, as the bridge does.

        Raises:
            ConflictError: it has given way.
        """
        namespace, version = created.namespace, created.manifest["metadata"]["resourceVersion"]
        if len(await self._of_key(namespace, key)) <= 1:
            return
        exactly = [("resourceVersion", version), ("resourceVersionMatch", "Exact")]
        for earlier in await self._of_key(namespace, key, exactly):
            if earlier.uid != created.uid:
                only_this = {"preconditions": {"uid": created.uid}}
                await self._http.json("DELETE", _path(namespace, created.name), body=only_this)
                if_same(earlier, request)

    async def read(self, namespace: str, name: str) -> Simulation:
        """Return a simulation."""
        return to_simulation(await self._http.json("GET", _path(namespace, name)))

    async def simulations(self, namespace: str | None, wanted: Filter) -> AsyncIterator[Simulation]:
        """Yield simulations. The API server sorts by name, so all are here before the first is told."""
        found = [item async for item in self._list(namespace, wanted.labels) if wanted.wants(item)]
        found.sort(key=attrgetter("namespace", "name"))
        for simulation in sorted(found, key=attrgetter("created_time"), reverse=True):
            yield simulation

    async def delete(self, namespace: str, name: str) -> None:
        """Delete a simulation."""
        await self._http.json("DELETE", _path(namespace, name))

    async def events(
        self, namespace: str | None, name: str | None, since: str | None
    ) -> AsyncGenerator[Event]:
        """Yield a list, if nothing is known yet, then a watch's events."""
        only = [] if name is None else [("fieldSelector", f"metadata.name={name}")]
        if since is None:
            answer = await self._http.json("GET", _path(namespace), query=only)
            yield Began()
            since = answer["metadata"]["resourceVersion"]
            for item in answer["items"]:
                yield Upserted(_of_list(item), since)
            yield Complete(since)
        query = [
            *only,
            *(("watch", "true"), ("allowWatchBookmarks", "true")),
            *(("resourceVersion", since), ("timeoutSeconds", str(WATCH_SECONDS))),
        ]
        async with self._http.stream("GET", _path(namespace), query=query, timeout=WATCH_TIMEOUT) as response:
            async for line in lines_of(response):
                yield self._event(json_of(line, self.where))

    def log(self, namespace: str, name: str, *, follow: bool) -> AsyncIterator[str]:
        """Yield the runner's log."""
        return pod_log(self._http, lambda: self.read(namespace, name), follow=follow)

    async def check(self, manifest: Json) -> None:
        """Return if a simulation can be run. This is known without asking anyone."""
        apart = too_long(manifest["spec"])
        if apart is None:
            parse_spec(manifest["spec"])
        else:
            parse_spec(apart.spec, apart.read)

    async def bridge(self, namespace: str, name: str) -> ResultServer:
        """Return the bridge behind the API server's service proxy."""
        return await self._access.bridge_of(await self.read(namespace, name))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _list(self, namespace: str | None, labels: str, which: Query = ()) -> AsyncIterator[Simulation]:
        query: Query = [("limit", str(PAGE_SIZE)), *([("labelSelector", labels)] if labels else [])]
        following = which
        while True:
            page = await self._http.json("GET", _path(namespace), query=[*query, *following])
            for item in page["items"]:
                yield _of_list(item)
            if not (token := page["metadata"].get("continue")):
                return
            following = [("continue", token)]

    async def _of_key(self, namespace: str, key: str, which: Query = ()) -> list[Simulation]:
        """Return the simulations that have a key, the oldest first."""
        labels = f"{LABEL_KEY_HASH}={key_hash(namespace, key)}"
        found = [item async for item in self._list(namespace, labels, which)]
        return sorted(found, key=attrgetter("created_time"))

    def _event(self, event: Json) -> Event:
        item, kind = event["object"], event["type"]
        if kind == "ERROR":
            # 410: the API server has forgotten what has happened since.
            if item.get("code") == GONE:
                return Began()
            raise error_of(item.get("code", 500), json.dumps(item).encode(), self.where)
        version = item["metadata"]["resourceVersion"]
        if kind == "BOOKMARK":
            return Seen(version)
        simulation = to_simulation(item)
        return Deleted(simulation, version) if kind == "DELETED" else Upserted(simulation, version)


def _path(namespace: str | None, name: str | None = None) -> str:
    where = "" if namespace is None else f"/namespaces/{namespace}"
    which = "" if name is None else f"/{name}"
    return f"/apis/{names.API_VERSION}{where}/{names.PLURAL}{which}"


def _of_list(item: Json) -> Simulation:
    """Return a simulation of a list, which says once for all of them what they are."""
    return to_simulation({"apiVersion": names.API_VERSION, "kind": names.KIND, **item})
