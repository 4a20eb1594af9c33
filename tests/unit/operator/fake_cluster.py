"""A cluster in memory, as far as the operator's controllers see it."""

import copy
from collections.abc import AsyncGenerator

from batterysim import names
from batterysim.contract import Report
from batterysim.names import FieldManager
from batterysim_kube.api_server import Json
from batterysim_kube.errors import Conflict, NotFound
from batterysim_operator.control.cluster import Cluster
from tests.builders import JOB_UID, NOW, iso

OWNED = {
    FieldManager.OPERATOR: (
        "observedGeneration",
        "phase",
        "protocol",
        "jobName",
        "isolation",
        "attempt",
        "failedAttempts",
        "startTime",
        "completionTime",
        "failure",
        "timeline",
    ),
    FieldManager.CALLBACK: ("callback",),
}


class FakeCluster(Cluster):
    """Holds one simulation at most. `refusals` are raised, in turn, by the next creations of a Job."""

    def __init__(self, simulation: Json | None = None) -> None:
        self.object = simulation
        self.jobs: dict[str, Json] = {}
        self.pods: list[Json] = []
        self.secrets: dict[str, Json] = {}
        self.events: list[Json] = []
        self.refusals: list[Exception] = []
        self.calls: list[str] = []
        self.complaint: str | None = None

    async def simulation(self, namespace: str, name: str) -> Json | None:
        self.calls.append("read simulation")
        return copy.deepcopy(self.object)

    async def sweep(self, namespace: str, name: str) -> Json | None:
        self.calls.append("read sweep")
        return copy.deepcopy(self.object)

    async def telling_pods_of(self, job: Json, sweep_uid: str) -> list[Json]:
        return await self.pods_of(job, sweep_uid)

    async def simulations(self, namespace: str | None) -> AsyncGenerator[Json, None]:
        if self.object is not None:
            yield copy.deepcopy(self.object)

    async def job(self, namespace: str, name: str) -> Json | None:
        self.calls.append("read job")
        return copy.deepcopy(self.jobs.get(name))

    async def pods_of(self, job: Json, simulation_uid: str) -> list[Json]:
        self.calls.append("read pods")
        return copy.deepcopy(self.pods)

    async def complaint_about(self, job: Json) -> str | None:
        return self.complaint

    async def create_job(self, manifest: Json) -> None:
        self.calls.append("create job")
        if self.refusals:
            raise self.refusals.pop(0)
        metadata = {**manifest["metadata"], "uid": JOB_UID, "creationTimestamp": iso(NOW)}
        self.jobs.setdefault(metadata["name"], {**manifest, "metadata": metadata, "status": {"active": 1}})

    async def change_job(self, namespace: str, name: str, change: Json) -> None:
        self.calls.append("change job")
        if name not in self.jobs:
            raise NotFound(status=404)
        spec = self.jobs[name].get("spec", {}) | change["spec"]
        self.jobs[name] = {**self.jobs[name], "spec": spec}

    async def give_up_pod(self, pod: Json) -> None:
        self.calls.append("give up pod")
        self.pods = [item for item in self.pods if item["metadata"]["name"] != pod["metadata"]["name"]]

    async def create_event(self, manifest: Json) -> None:
        self.events.append(manifest)

    async def apply_status(
        self, item: Json, status: Report, manager: FieldManager, kind: str = names.KIND
    ) -> Json:
        self.calls.append("apply status")
        if self.object is None:
            raise NotFound(status=404)
        here = self.object["metadata"]
        if here["resourceVersion"] != item["metadata"]["resourceVersion"]:
            raise Conflict(status=409)
        here["resourceVersion"] = str(int(here["resourceVersion"]) + 1)
        self.object["status"] = _merged(self.object.get("status") or {}, status.to_json_dict(), manager)
        return copy.deepcopy(self.object)

    async def secret(self, namespace: str, name: str) -> Json:
        try:
            return self.secrets[name]
        except KeyError:
            raise NotFound(status=404) from None


def _merged(before: Json, applied: Json, manager: FieldManager) -> Json:
    """Replace one manager's fields and conditions, as server-side apply does."""
    kept = {name: value for name, value in before.items() if name not in OWNED[manager]}
    types = {item["type"] for item in applied.get("conditions", ())}
    others = [item for item in before.get("conditions", ()) if item["type"] not in types]
    return kept | applied | {"conditions": others + applied.get("conditions", [])}
