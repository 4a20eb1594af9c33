"""The Kubernetes objects that the operator reads and writes, as plain JSON. Nothing is cached."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

from batterysim import names
from batterysim.contract import Report
from batterysim.status import WaitReason
from batterysim_kube.api_server import MERGE_PATCH, STRATEGIC_PATCH, ApiServer, Json, Query
from batterysim_kube.controllers import controller_of
from batterysim_kube.documents import lean_object
from batterysim_kube.errors import Conflict, NotFound
from batterysim_kube.paths import (
    events_path,
    jobs_path,
    pods_path,
    scale_path,
    secrets_path,
    simulations_path,
    sweeps_path,
)
from batterysim_kube.skipping import read_each
from batterysim_kube.status import Target, apply_status

NODE_LOST = {
    "type": "DisruptionTarget",
    "status": "True",
    "reason": WaitReason.NODE_LOST,
    "message": "its node does not answer",
}
"""The condition of a pod that ends by no fault of its own, so that its end is not counted as an attempt."""


AT_WORK, MOST_AT_WORK = "status.phase!=Succeeded,status.phase!=Failed", 500
HAVE_FAILED, MOST_FAILED = "status.phase=Failed", 20


class Cluster:
    """Reads and writes the objects that the operator deals with."""

    def __init__(self, api: ApiServer) -> None:
        self._api = api

    async def simulation(self, namespace: str, name: str) -> Json | None:
        """Return a BatterySimulation, or None when it is gone."""
        return await self._find(simulations_path(namespace, name))

    async def simulations(self, namespace: str | None) -> AsyncGenerator[Json, None]:
        """Yield all BatterySimulations of a namespace (None: of all), with sketches of their specs."""
        async for page in self._api.pages(simulations_path(namespace)):
            for simulation in read_each(page.items, lean_object):
                yield simulation

    async def sweep(self, namespace: str, name: str) -> Json | None:
        """Return a BatterySweep, or None when it is gone."""
        return await self._find(sweeps_path(namespace, name))

    async def sweeps(self, namespace: str | None) -> AsyncGenerator[Json, None]:
        """Yield all BatterySweeps of a namespace (None: of all), with sketches of their specs."""
        async for page in self._api.pages(sweeps_path(namespace)):
            for sweep in read_each(page.items, lean_object):
                yield sweep

    async def job(self, namespace: str, name: str) -> Json | None:
        """Return a Job, or None when there is none."""
        return await self._find(jobs_path(namespace, name))

    async def pods_of(self, job: Json, simulation_uid: str) -> list[Json]:
        """Return the pods that a Job controls. A pod that only has their labels is nobody's."""
        metadata = job["metadata"]
        selector = f"{names.LABEL_SIMULATION_UID}={simulation_uid}"
        found = await self._api.request(
            "GET", pods_path(metadata["namespace"]), query={"labelSelector": selector}
        )
        return [pod for pod in found["items"] if _is_controlled_by(pod, metadata["uid"])]

    async def telling_pods_of(self, job: Json, sweep_uid: str) -> list[Json]:
        """Return the pods of a sweep's Job that tell how it is: those at work, and some that have failed."""
        metadata = job["metadata"]
        found: list[Json] = []
        for fields, limit in ((AT_WORK, MOST_AT_WORK), (HAVE_FAILED, MOST_FAILED)):
            query: Query = {
                "labelSelector": f"{names.LABEL_SWEEP_UID}={sweep_uid}",
                "fieldSelector": fields,
                "limit": limit,
            }
            page = await self._api.request("GET", pods_path(metadata["namespace"]), query=query)
            found += page["items"]
        return [pod for pod in found if _is_controlled_by(pod, metadata["uid"])]

    async def complaint_about(self, job: Json) -> str | None:
        """Return the newest words of the Job controller on why it cannot make the Job's pod; None: none."""
        metadata = job["metadata"]
        selector = f"involvedObject.uid={metadata['uid']},reason=FailedCreate"
        found = await self._api.request(
            "GET", events_path(metadata["namespace"]), query={"fieldSelector": selector}
        )
        events = sorted(found["items"], key=lambda event: event.get("lastTimestamp") or "")
        return str(events[-1].get("message", "")) if events else None

    async def create_job(self, manifest: Json) -> None:
        """Create a Job. One that is already there is success: its name says that it is the same.

        Raises:
            Unprocessable: the API server finds the manifest invalid, and will do so again.
        """
        await self._create(jobs_path(manifest["metadata"]["namespace"]), manifest)

    async def change_job(self, namespace: str, name: str, change: Json) -> None:
        """Merge a change into a Job.

        Raises:
            NotFound: the Job is gone.
        """
        await self._api.request("PATCH", jobs_path(namespace, name), body=change, headers=MERGE_PATCH)

    async def give_up_pod(self, pod: Mapping[str, Any]) -> None:
        """End a pod without its node, so that its Job makes another one. One that is gone is success.

        A Job with `podReplacementPolicy: Failed` waits for the phase Failed, which only a node reports.
        Until then, the Job's finalizer keeps the pod even if its deletion is forced.
        """
        where, same = (pod["metadata"]["namespace"], pod["metadata"]["name"]), {"uid": pod["metadata"]["uid"]}
        failed = {"metadata": same, "status": {"phase": "Failed", "conditions": [NODE_LOST]}}
        options = {"gracePeriodSeconds": 0, "preconditions": same}
        with suppress(NotFound, Conflict):
            path = pods_path(*where, "status")
            await self._api.request("PATCH", path, body=failed, headers=STRATEGIC_PATCH)
            await self._api.request("DELETE", pods_path(*where), body=options)

    async def create_event(self, manifest: Json) -> None:
        """Create an Event. One that is already there has told it."""
        await self._create(events_path(manifest["metadata"]["namespace"]), manifest)

    async def apply_status(
        self, item: Json, status: Report, manager: names.FieldManager, kind: str = names.KIND
    ) -> Json:
        """Apply one manager's part of the status to an object as it was read, and return it.

        Raises:
            Conflict: the object has changed, or was replaced by another of the same name.
            NotFound: the object is gone.
        """
        metadata = item["metadata"]
        where = (metadata["namespace"], metadata["name"])
        target = Target(*where, metadata["uid"], metadata["resourceVersion"], kind)
        return await apply_status(self._api, target, status.to_json_dict(), manager, force=True)

    async def replicas(self, namespace: str, deployment: str) -> int:
        """Return how many pods a Deployment is to have."""
        found = await self._api.request("GET", scale_path(namespace, deployment))
        return int(found["spec"].get("replicas", 0))

    async def scale(self, namespace: str, deployment: str, replicas: int) -> None:
        """Say how many pods a Deployment is to have."""
        await self._api.request(
            "PATCH",
            scale_path(namespace, deployment),
            body={"spec": {"replicas": replicas}},
            headers=MERGE_PATCH,
        )

    async def secret(self, namespace: str, name: str) -> Json:
        """Return a Secret, its data base64 as stored.

        Raises:
            NotFound: there is no such Secret.
            Forbidden: the operator may not read it.
            NotANameError: that is no name.
        """
        secret: Json = await self._api.request("GET", secrets_path(namespace, name))
        return secret

    async def _find(self, path: str) -> Json | None:
        try:
            found: Json = await self._api.request("GET", path)
        except NotFound:
            return None
        return found

    async def _create(self, path: str, manifest: Json) -> None:
        try:
            await self._api.request("POST", path, body=manifest)
        except Conflict:
            return


def _is_controlled_by(pod: Json, job_uid: str) -> bool:
    controller = controller_of(pod["metadata"])
    return controller is not None and (controller.kind, controller.uid) == ("Job", job_uid)
