"""So much of a Kubernetes API server as the bridge talks to, for BatterySimulations in memory.

For benchmarks and for tests of what a real one seldom does, such as forgetting old versions. It lists in
pages, watches with bookmarks, creates and deletes; every token is good, for a user named like it who may do
everything.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from batterysim import names

Manifest = dict[str, Any]
API = f"/apis/{names.API_VERSION}"
BOOKMARK_SECONDS = 0.05


class FakeApiServer:
    """Change its attributes, or call `put`, to let something happen."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Manifest] = {}
        self.version = 1
        self.oldest_version = 0
        self.watches = 0
        self.requests: list[tuple[str, str]] = []
        self._history: list[tuple[int, str, Manifest]] = []
        self._changed = asyncio.Condition()

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

    async def put(self, manifest: Manifest) -> Manifest:
        """Create an object or change it."""
        key = manifest["metadata"]["namespace"], manifest["metadata"]["name"]
        kind = "MODIFIED" if key in self.objects else "ADDED"
        self.version += 1
        own = {"resourceVersion": str(self.version), "managedFields": [{"manager": "test"}]}
        stored = {**manifest, "metadata": {"uid": str(uuid.uuid4()), **manifest["metadata"], **own}}
        self.objects[key] = stored
        await self._tell(kind, stored)
        return stored

    async def remove(self, namespace: str, name: str) -> bool:
        """Delete an object. Tells whether there was one."""
        found = self.objects.pop((namespace, name), None)
        if found is None:
            return False
        self.version += 1
        await self._tell(
            "DELETED", {**found, "metadata": {**found["metadata"], "resourceVersion": str(self.version)}}
        )
        return True

    async def _tell(self, kind: str, manifest: Manifest) -> None:
        self._history.append((self.version, kind, manifest))
        async with self._changed:
            self._changed.notify_all()

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[self._note])
        collection, one = f"{API}/namespaces/{{namespace}}/{names.PLURAL}", "/{name}"
        app.add_routes(
            [
                web.get("/version", self._get_version),
                web.post("/apis/authentication.k8s.io/v1/tokenreviews", self._review_token),
                web.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", self._review_access),
                web.get(f"{API}/{names.PLURAL}", self._list_or_watch),
                web.get(collection, self._list_or_watch),
                web.post(collection, self._create),
                web.get(collection + one, self._get),
                web.delete(collection + one, self._delete),
            ]
        )
        return app

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append((request.method, request.path_qs))
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _get_version(self, _request: web.Request) -> web.Response:
        return web.json_response({"major": "1"})

    async def _review_token(self, request: web.Request) -> web.Response:
        spec = (await request.json())["spec"]
        user = {"username": spec["token"], "groups": ["system:authenticated"]}
        status = {"authenticated": True, "user": user, "audiences": spec["audiences"]}
        return web.json_response({"status": status}, status=201)

    async def _review_access(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": {"allowed": True}}, status=201)

    def _selected(self, request: web.Request) -> list[Manifest]:
        label, _, value = request.query.get("labelSelector", "").partition("=")
        return [
            item
            for (namespace, _), item in sorted(self.objects.items())
            if request.match_info.get("namespace", namespace) == namespace
            and (not label or item["metadata"].get("labels", {}).get(label) == value)
        ]

    async def _list_or_watch(self, request: web.Request) -> web.StreamResponse:
        if request.query.get("watch") == "true":
            return await self._watch(request)
        start, limit = int(request.query.get("continue", "0")), int(request.query["limit"])
        selected = self._selected(request)
        metadata = {"resourceVersion": str(self.version)}
        if len(selected) > start + limit:
            metadata["continue"] = str(start + limit)
        return web.json_response({"metadata": metadata, "items": selected[start : start + limit]})

    async def _watch(self, request: web.Request) -> web.StreamResponse:
        seen = int(request.query["resourceVersion"])
        stream = web.StreamResponse()
        await stream.prepare(request)
        if seen < self.oldest_version:
            status = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}
            await _write(stream, "ERROR", status)
            return stream
        self.watches += 1
        try:
            async with asyncio.timeout(float(request.query["timeoutSeconds"])):
                while True:
                    for version, kind, manifest in self._history[:]:
                        if version > seen:
                            await _write(stream, kind, manifest)
                            seen = version
                    await self._wait()
                    if self.version == seen:
                        await _write(stream, "BOOKMARK", {"metadata": {"resourceVersion": str(seen)}})
        except (TimeoutError, ConnectionResetError):
            return stream
        finally:
            self.watches -= 1

    async def _wait(self) -> None:
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait(), BOOKMARK_SECONDS)
            except TimeoutError:
                return

    async def _create(self, request: web.Request) -> web.Response:
        manifest = await request.json()
        metadata = manifest["metadata"]
        if "name" not in metadata:
            metadata["name"] = metadata.pop("generateName") + uuid.uuid4().hex[:5]
        if (metadata["namespace"], metadata["name"]) in self.objects:
            return _refused(409, f"{metadata['name']!r} already exists")
        if manifest["spec"].get("refuse"):
            return _refused(422, manifest["spec"]["refuse"])
        return web.json_response(await self.put(manifest), status=201)

    async def _get(self, request: web.Request) -> web.Response:
        found = self.objects.get((request.match_info["namespace"], request.match_info["name"]))
        return _refused(404, "not found") if found is None else web.json_response(found)

    async def _delete(self, request: web.Request) -> web.Response:
        key = request.match_info["namespace"], request.match_info["name"]
        options = await request.json()
        wanted = options.get("preconditions", {}).get("uid")
        if wanted is not None and key in self.objects and self.objects[key]["metadata"]["uid"] != wanted:
            return _refused(409, "the UID in the precondition is not that of the object")
        if not await self.remove(*key):
            return _refused(404, "not found")
        return web.json_response({"status": "Success"})


async def _write(stream: web.StreamResponse, kind: str, item: Manifest) -> None:
    await stream.write(json.dumps({"type": kind, "object": item}).encode() + b"\n")


def _refused(status: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": status, "message": message}, status=status)
