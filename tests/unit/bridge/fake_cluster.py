"""A cluster in memory, with one simulation whose runner is at work, and one user who may read it."""

from collections.abc import AsyncGenerator, Mapping

from batterysim import names
from batterysim.names import FieldManager
from batterysim_bridge.cluster import (
    POD_NAME_EXTRA,
    POD_UID_EXTRA,
    Child,
    ClusterError,
    Listing,
    Owner,
    Simulation,
    StatusConflictError,
    User,
)

from .builders import NAME, NAMESPACE, READER_TOKEN, RUNNER_TOKEN, UID

POD_UID = "a5518533-995a-4d73-8f70-9b44f7db59f4"
JOB_UID = "e3d58069-c191-473a-8e76-24581c28f9f1"
SIMULATION = Simulation(NAMESPACE, NAME, UID, resource_version="1", phase="Running")
RUNNER = User(
    f"system:serviceaccount:{NAMESPACE}:batterysim-runner",
    "sa-uid",
    ("system:serviceaccounts",),
    {POD_NAME_EXTRA: ["runner-pod"], POD_UID_EXTRA: [POD_UID]},
)
READER = User("ada", "ada-uid", ("engineers",), {})


class FakeCluster:
    """Change its attributes to make it another cluster."""

    def __init__(self) -> None:
        self.users: dict[tuple[str, str | None], User] = {
            (RUNNER_TOKEN, names.TOKEN_AUDIENCE): RUNNER,
            (READER_TOKEN, None): READER,
        }
        self.readers = {READER.username}
        self.objects = {NAME: SIMULATION}
        self.pods = {"runner-pod": Child("runner-pod", POD_UID, Owner("Job", names.job_name(UID), JOB_UID))}
        self.jobs = {names.job_name(UID): Child(names.job_name(UID), JOB_UID, Owner(names.KIND, NAME, UID))}
        self.status: dict[str, object] = {}
        self.progress_owner: FieldManager | None = None
        self.deleted: list[Simulation] = []
        self.is_down = False
        self.refuses_status = False

    def _answer(self) -> None:
        if self.is_down:
            raise ClusterError("cannot read: no answer from the API server")

    async def review_token(self, token: str, audience: str | None) -> User | None:
        self._answer()
        return self.users.get((token, audience))

    async def may_read(self, user: User, namespace: str, name: str) -> bool:
        self._answer()
        return user.username in self.readers

    async def pod(self, namespace: str, name: str) -> Child | None:
        self._answer()
        return self.pods.get(name)

    async def job(self, namespace: str, name: str) -> Child | None:
        self._answer()
        return self.jobs.get(name)

    async def simulation(self, namespace: str, name: str) -> Simulation | None:
        self._answer()
        return self.objects.get(name)

    async def apply_status(
        self, simulation: Simulation, status: Mapping[str, object], manager: FieldManager, *, force: bool
    ) -> None:
        self._answer()
        if self.refuses_status:
            raise ClusterError("cannot write a status: no answer from the API server")
        live = self.objects.get(simulation.name)
        if live is None or live.uid != simulation.uid:
            raise StatusConflictError(f"{simulation.uid} is gone")
        if not force and self.progress_owner not in (None, manager):
            raise StatusConflictError(f"progress belongs to {self.progress_owner}")
        self.progress_owner = manager
        self.status.update(status)

    async def simulations(self, namespace: str | None) -> Listing:
        self._answer()
        return Listing(tuple(self.objects.values()), "1")

    async def deletions(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[Simulation, None]:
        for simulation in self.deleted:
            yield simulation

    async def ping(self) -> None:
        self._answer()
