"""What the fake API server answers about itself: its APIs, and who may use them."""

from aiohttp import web

from batterysim import names

API = f"/apis/{names.API_VERSION}"
APIS = {
    "/api/v1": ("pods", "events", "secrets", "namespaces"),
    "/apis/batch/v1": ("jobs",),
    "/apis/coordination.k8s.io/v1": ("leases",),
    API: (names.PLURAL, names.SWEEP_PLURAL),
}


async def get_version(_request: web.Request) -> web.Response:
    """Say that this is Kubernetes."""
    return web.json_response({"major": "1"})


async def get_versions(_request: web.Request) -> web.Response:
    """Name the versions of the core API."""
    return web.json_response({"versions": ["v1"]})


def groups(*, serves_simulations: bool) -> web.Response:
    """Name the groups of APIs; that of the CRD is there once the CRD is."""
    groups = ["batch", *([names.GROUP] if serves_simulations else [])]
    versions = {"batch": "v1", names.GROUP: names.VERSION}
    return web.json_response(
        {
            "groups": [
                {
                    "name": group,
                    "versions": [{"version": versions[group]}],
                    "preferredVersion": {"version": versions[group]},
                }
                for group in groups
            ]
        }
    )


async def get_resources(request: web.Request) -> web.Response:
    """Name the kinds of an API."""
    verbs = ["get", "list", "watch", "patch", "create", "delete"]
    kinds = {
        "pods": "Pod",
        "events": "Event",
        "secrets": "Secret",
        "jobs": "Job",
        "namespaces": "Namespace",
        names.SWEEP_PLURAL: names.SWEEP_KIND,
    }
    return web.json_response(
        {
            "resources": [
                {
                    "name": plural,
                    "singularName": plural[:-1],
                    "kind": kinds.get(plural, names.KIND),
                    "namespaced": True,
                    "verbs": verbs,
                }
                for plural in APIS[request.path]
            ]
        }
    )


async def review_token(request: web.Request) -> web.Response:
    """Find every token good, for a user named like it."""
    spec = (await request.json())["spec"]
    user = {"username": spec["token"], "groups": ["system:authenticated"]}
    status = {"authenticated": True, "user": user, "audiences": spec["audiences"]}
    return web.json_response({"status": status}, status=201)


async def review_access(_request: web.Request) -> web.Response:
    """Allow everything."""
    return web.json_response({"status": {"allowed": True}}, status=201)
