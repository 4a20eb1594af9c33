"""The Kubernetes objects that the operator reads and writes, as plain JSON. Nothing is cached."""

from batterysim import names
from batterysim.kubernetes_names import path_of
from batterysim.status import BatterySimulationStatus
from batterysim_operator.control.rest import Conflict, Json, NotFound, Rest

CORE = ("api", "v1", "namespaces")
JOBS = ("apis", "batch", "v1", "namespaces")


def simulation_path(namespace: str, name: str, *part: str) -> str:
    """Return the path of a BatterySimulation, or of a part of it such as its status."""
    return path_of("apis", names.GROUP, names.VERSION, "namespaces", namespace, names.PLURAL, name, *part)


class Cluster:
    """Reads and writes the objects that the operator deals with."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def simulation(self, namespace: str, name: str) -> Json | None:
        """Return a BatterySimulation, or None when it is gone."""
        return await self._find(simulation_path(namespace, name))

    async def simulations(self, namespace: str | None) -> list[Json]:
        """Return all BatterySimulations, of one namespace or of all."""
        where = () if namespace is None else ("namespaces", namespace)
        path = path_of("apis", names.GROUP, names.VERSION, *where, names.PLURAL)
        found = await self._rest.call("GET", path)
        items: list[Json] = found["items"]
        return items

    async def job(self, namespace: str, name: str) -> Json | None:
        """Return a Job, or None when there is none."""
        return await self._find(path_of(*JOBS, namespace, "jobs", name))

    async def pods_of(self, namespace: str, simulation_uid: str) -> list[Json]:
        """Return the pods of a simulation's Job."""
        selector = f"{names.LABEL_SIMULATION_UID}={simulation_uid}"
        pods = await self._rest.call(
            "GET", path_of(*CORE, namespace, "pods"), query={"labelSelector": selector}
        )
        items: list[Json] = pods["items"]
        return items

    async def complaint_about(self, job: Json) -> str | None:
        """Return the newest words of the Job controller on why it cannot make the Job's pod; None: none."""
        metadata = job["metadata"]
        selector = f"involvedObject.uid={metadata['uid']},reason=FailedCreate"
        found = await self._rest.call(
            "GET", path_of(*CORE, metadata["namespace"], "events"), query={"fieldSelector": selector}
        )
        events = sorted(found["items"], key=lambda event: event.get("lastTimestamp") or "")
        return str(events[-1].get("message", "")) if events else None

    async def create_job(self, manifest: Json) -> None:
        """Create a Job. One that is already there is success: its name says that it is the same.

        Raises:
            Unprocessable: the API server finds the manifest invalid, and will do so again.
        """
        await self._create(path_of(*JOBS, manifest["metadata"]["namespace"], "jobs"), manifest)

    async def create_event(self, manifest: Json) -> None:
        """Create an Event. One that is already there has told it."""
        await self._create(path_of(*CORE, manifest["metadata"]["namespace"], "events"), manifest)

    async def apply_status(
        self, simulation: Json, status: BatterySimulationStatus, manager: names.FieldManager
    ) -> Json:
        """Apply one manager's part of the status by server-side apply, and return the object.

        The resource version makes the API server refuse it when the object has changed since it was read,
        because a decision on old facts has to be made again. (A UID alone is no precondition: the API server
        would write into another object of the same name.)

        Raises:
            Conflict: the object has changed, or was replaced by another of the same name.
            NotFound: the object is gone.
        """
        metadata = simulation["metadata"]
        return await self._rest.call(
            "PATCH",
            simulation_path(metadata["namespace"], metadata["name"], "status"),
            query={"fieldManager": manager.value, "force": "true"},
            body={
                "apiVersion": names.API_VERSION,
                "kind": names.KIND,
                "metadata": {key: metadata[key] for key in ("name", "namespace", "uid", "resourceVersion")},
                "status": status.to_json_dict(),
            },
            content_type="application/apply-patch+yaml",
        )

    async def replicas(self, namespace: str, deployment: str) -> int:
        """Return how many pods a Deployment is to have."""
        found = await self._rest.call("GET", _scale_path(namespace, deployment))
        return int(found["spec"].get("replicas", 0))

    async def scale(self, namespace: str, deployment: str, replicas: int) -> None:
        """Say how many pods a Deployment is to have."""
        await self._rest.call(
            "PATCH",
            _scale_path(namespace, deployment),
            body={"spec": {"replicas": replicas}},
            content_type="application/merge-patch+json",
        )

    async def secret(self, namespace: str, name: str) -> Json:
        """Return a Secret, its data base64 as stored.

        Raises:
            NotFound: there is no such Secret.
            Forbidden: the operator may not read it.
        """
        return await self._rest.call("GET", path_of(*CORE, namespace, "secrets", name))

    async def _find(self, path: str) -> Json | None:
        try:
            return await self._rest.call("GET", path)
        except NotFound:
            return None

    async def _create(self, path: str, manifest: Json) -> None:
        try:
            await self._rest.call("POST", path, body=manifest)
        except Conflict:
            return


def _scale_path(namespace: str, deployment: str) -> str:
    return path_of("apis", "apps", "v1", "namespaces", namespace, "deployments", deployment, "scale")
