"""So much of a Kubernetes API server as operator and bridge talk to, with its objects in memory.

For benchmarks, and for tests of what a real one seldom does: forget old versions, refuse, be away, hold an
object that nobody can read. It lists in pages, watches with bookmarks, creates, deletes and applies statuses
of BatterySimulations, Jobs, pods, Events, Secrets and Leases; every token is good, for a user named like it
who may do everything.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import web

from batterysim import names
from devtools.fake_discovery import (
    API,
    APIS,
    get_resources,
    get_version,
    get_versions,
    groups,
    review_access,
    review_token,
)

Manifest = dict[str, Any]
Fault = Callable[[web.Request], web.Response | None]
BOOKMARK_SECONDS = 0.05


class Stored(NamedTuple):
    """An object as JSON text, and as much of it as the server itself needs."""

    metadata: Manifest
    text: bytes


class Past(NamedTuple):
    """A change of an object."""

    version: int
    plural: str
    kind: str
    stored: Stored


class FakeApiServer:
    """Change its attributes, or call `put`, to let something happen."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Manifest] = {}
        """BatterySimulations, by namespace and name."""
        self.version = 1
        self.oldest_version = 0
        self.watches = 0
        self.requests: list[tuple[str, str]] = []
        self.fault: Fault = lambda _: None
        """Asked at each request: what to answer instead; None: the truth."""
        self.serves_simulations = True
        """Whether the CRD is there."""
        self._stored: dict[str, dict[tuple[str, str], Stored]] = {
            plural: {} for plurals in APIS.values() for plural in plurals
        }
        self._history: list[Past] = []
        self._changed = asyncio.Condition()
        self._watches_ended = 0

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Serve on a free port of this machine; yield the URL."""
        runner = web.AppRunner(self._app(), shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            await runner.cleanup()

    async def put(self, manifest: Manifest, plural: str = names.PLURAL) -> Manifest:
        """Create an object or change it."""
        key = manifest["metadata"]["namespace"], manifest["metadata"]["name"]
        self.version += 1
        own = {"resourceVersion": str(self.version), "managedFields": [{"manager": "test"}]}
        stored = {**manifest, "metadata": {"uid": str(uuid.uuid4()), **manifest["metadata"], **own}}
        if plural == names.PLURAL:
            self.objects[key] = stored
        await self._put(plural, key, Stored(stored["metadata"], json.dumps(stored).encode()))
        return stored

    async def put_text(self, namespace: str, name: str, text: bytes, plural: str = names.PLURAL) -> None:
        """Create or change an object whose JSON is this text, as it is."""
        self.version += 1
        metadata = {"namespace": namespace, "name": name, "uid": str(uuid.uuid4())}
        await self._put(plural, (namespace, name), Stored(metadata, text))

    async def remove(self, namespace: str, name: str, plural: str = names.PLURAL) -> bool:
        """Delete an object. Tells whether there was one."""
        found = self._stored[plural].pop((namespace, name), None)
        if found is None:
            return False
        self.version += 1
        manifest = self.objects.pop((namespace, name), {}) if plural == names.PLURAL else {}
        metadata = {**found.metadata, "resourceVersion": str(self.version)}
        text = json.dumps({**manifest, "metadata": metadata}).encode()
        await self._tell(plural, "DELETED", Stored(metadata, text))
        return True

    async def end_watches(self) -> None:
        """End all watches that are open, as an API server does that is started again."""
        self._watches_ended += 1
        async with self._changed:
            self._changed.notify_all()

    def paths(self, method: str = "GET") -> list[str]:
        """Return the paths that were asked for, without their queries."""
        return [path.partition("?")[0] for asked, path in self.requests if asked == method]

    async def _put(self, plural: str, key: tuple[str, str], stored: Stored) -> None:
        kind = "MODIFIED" if key in self._stored[plural] else "ADDED"
        self._stored[plural][key] = stored
        await self._tell(plural, kind, stored)

    async def _tell(self, plural: str, kind: str, stored: Stored) -> None:
        self._history.append(Past(self.version, plural, kind, stored))
        async with self._changed:
            self._changed.notify_all()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._note], client_max_size=1 << 24)
        app.add_routes(
            [
                web.get("/version", get_version),
                web.post("/apis/authentication.k8s.io/v1/tokenreviews", review_token),
                web.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", review_access),
                web.get("/api", get_versions),
                web.get("/apis", self._get_groups),
            ]
        )
        for api in APIS:
            collection, one = f"{api}/namespaces/{{namespace}}/{{plural}}", "/{name}"
            app.add_routes(
                [
                    web.get(api, get_resources),
                    web.get(f"{api}/{{plural}}", self._list_or_watch),
                    web.get(collection, self._list_or_watch),
                    web.post(collection, self._create),
                    web.get(collection + one, self._get),
                    web.delete(collection + one, self._delete),
                    web.patch(collection + one, self._apply),
                    web.patch(f"{collection}{one}/status", self._apply_status),
                ]
            )
        return app

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        if (fault := self.fault(request)) is not None:
            return fault
        if request.path.startswith(API) and not self.serves_simulations:
            return refusal(404, "the server could not find the requested resource")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _get_groups(self, _request: web.Request) -> web.Response:
        return groups(serves_simulations=self.serves_simulations)

    async def _list_or_watch(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("watch") == "true":
            return await self._watch(request)
        start, limit = int(request.query.get("continue", "0")), int(request.query.get("limit", "1000000"))
        selected = [
            stored
            for (_, _), stored in sorted(self._at_version(request).items())
            if _is_selected(stored, request)
        ]
        metadata = {"resourceVersion": str(self.version)}
        if len(selected) > start + limit:
            metadata["continue"] = str(start + limit)
        items = b",".join(_shown(stored, request) for stored in selected[start : start + limit])
        # As the real one has it for custom resources: what is needed to go on comes last.
        body = b'{"items":[%s],"metadata":%s}' % (items, json.dumps(metadata).encode())
        return web.Response(body=body, content_type="application/json")

    def _at_version(self, request: web.Request) -> dict[tuple[str, str], Stored]:
        """Return the objects as they are, or as they were at the version that is asked for exactly."""
        plural = _plural(request)
        if request.query.get("resourceVersionMatch") != "Exact":
            return self._stored[plural]
        newest = {
            (past.stored.metadata["namespace"], past.stored.metadata["name"]): past
            for past in self._history
            if past.plural == plural and past.version <= int(request.query["resourceVersion"])
        }
        return {key: past.stored for key, past in newest.items() if past.kind != "DELETED"}

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        seen, plural = int(request.query["resourceVersion"]), _plural(request)
        stream = web.StreamResponse()
        await stream.prepare(request)
        if seen < self.oldest_version:
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
            await _write(stream, "ERROR", json.dumps(status).encode())
            return stream
        self.watches += 1
        era = self._watches_ended
        try:
            async with asyncio.timeout(float(request.query["timeoutSeconds"])):
                while era == self._watches_ended:
                    for past in self._history[:]:
                        if past.version > seen:
                            if past.plural == plural and _is_selected(past.stored, request):
                                await _write(stream, past.kind, _shown(past.stored, request))
                            seen = past.version
                    await self._wait()
                    if self.version == seen:
                        bookmark = json.dumps({"metadata": {"resourceVersion": str(seen)}})
                        await _write(stream, "BOOKMARK", bookmark.encode())
        except (TimeoutError, ConnectionResetError):
            pass
        finally:
            self.watches -= 1
        return stream

    async def _wait(self) -> None:
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait(), BOOKMARK_SECONDS)
            except TimeoutError:
                return

    async def _create(self, request: web.Request) -> web.Response:
        manifest, plural = await request.json(), _plural(request)
        metadata = manifest["metadata"]
        if "name" not in metadata:
            metadata["name"] = metadata.pop("generateName") + uuid.uuid4().hex[:5]
        if (metadata["namespace"], metadata["name"]) in self._stored[plural]:
            return refusal(409, f"{metadata['name']!r} already exists")
        if manifest.get("spec", {}).get("refuse"):
            return refusal(422, manifest["spec"]["refuse"])
        return web.json_response(await self.put(manifest, plural), status=201)

    async def _get(self, request: web.Request) -> web.Response:
        key = request.match_info["namespace"], request.match_info["name"]
        found = self._stored[_plural(request)].get(key)
        if found is None:
            return refusal(404, "not found")
        return web.Response(body=_shown(found, request), content_type="application/json")

    async def _delete(self, request: web.Request) -> web.Response:
        key, plural = (
            (request.match_info["namespace"], request.match_info["name"]),
            _plural(request),
        )
        options = await request.json()
        wanted = options.get("preconditions", {}).get("uid")
        stored = self._stored[plural].get(key)
        if wanted is not None and stored is not None and stored.metadata["uid"] != wanted:
            return refusal(409, "the UID in the precondition is not that of the object")
        if not await self.remove(*key, plural):
            return refusal(404, "not found")
        return web.json_response({"status": "Success"})

    async def _apply(self, request: web.Request) -> web.Response:
        manifest, plural = await request.json(), _plural(request)
        if request.content_type == "application/merge-patch+json":
            found = self._stored[plural].get((request.match_info["namespace"], request.match_info["name"]))
            if found is None:
                return refusal(404, "not found")
            return web.json_response(await self.put(_merged(json.loads(found.text), manifest), plural))
        metadata = manifest["metadata"]
        stored = self._stored[plural].get((metadata["namespace"], metadata["name"]))
        version = None if stored is None else stored.metadata["resourceVersion"]
        if metadata.get("resourceVersion", version) != version:
            return refusal(409, "the object has been modified")
        return web.json_response(await self.put(manifest, plural))

    async def _apply_status(self, request: web.Request) -> web.Response:
        found = self.objects.get((request.match_info["namespace"], request.match_info["name"]))
        if found is None:
            return refusal(404, "not found")
        applied = await request.json()
        if applied["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]:
            return refusal(409, "the object has been modified")
        return web.json_response(
            await self.put({**found, "status": {**found.get("status", {}), **applied["status"]}})
        )


def _merged(value: Any, patch: Any) -> Any:
    """Return a value after a merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    kept = value if isinstance(value, dict) else {}
    changed = {name: _merged(kept.get(name), part) for name, part in patch.items() if part is not None}
    return {name: part for name, part in kept.items() if name not in patch} | changed


def _plural(request: web.Request) -> str:
    return request.match_info["plural"]


def _is_selected(stored: Stored, request: web.Request) -> bool:
    label, _, value = request.query.get("labelSelector", "").partition("=")
    namespace = stored.metadata["namespace"]
    return request.match_info.get("namespace", namespace) == namespace and (
        not label or stored.metadata.get("labels", {}).get(label) == value
    )


def _shown(stored: Stored, request: web.Request) -> bytes:
    """Return an object as it was asked for: whole, or its metadata only."""
    if "as=PartialObjectMetadata" in request.headers.get("Accept", ""):
        return json.dumps({"metadata": stored.metadata}).encode()
    return stored.text


async def _write(stream: web.StreamResponse, kind: str, item: bytes) -> None:
    await stream.write(b'{"type":"%s","object":%s}\n' % (kind.encode(), item))


def refusal(status: int, message: str) -> web.Response:
    """Return an answer that is an error, as the API server writes it."""
    return web.json_response({"kind": "Status", "code": status, "message": message}, status=status)


def deep_object(namespace: str, name: str, levels: int = 100_000) -> bytes:
    """Return the JSON of an object whose spec is nested as deep as that.

    Python 3.11 gives up at about 1,000 levels, 3.13 at about 10,000.
    """
    metadata = {"namespace": namespace, "name": name, "uid": f"uid-of-{name}", "resourceVersion": "9"}
    head = json.dumps({"metadata": {**metadata, "generation": 1}}).encode()[:-1]
    return head + b', "spec": ' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"
