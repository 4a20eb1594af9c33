"""Whether a caller is the runner of a simulation: by the pod of its token, or by an attempt's credential."""

import asyncio

from batterysim import names
from batterysim_bridge.bridge import Bridge, Target
from batterysim_bridge.cluster.claimed import CREDENTIAL_PREFIX
from batterysim_bridge.cluster.cluster import Child, Cluster, User
from batterysim_bridge.cluster.simulation import SimulationState
from batterysim_bridge.http.problem import NOT_THE_RUNNER, ProblemError, no_such_simulation
from batterysim_kube.controllers import Controller


async def identify(bridge: Bridge, token: str, target: Target, address: str) -> SimulationState:
    """Return the simulation whose runner the caller is, in a pod of its own or in a shared one.

    Raises:
        ProblemError: the caller does not run it.
    """
    if token.startswith(CREDENTIAL_PREFIX):
        bridge.access.refusals.check(address)
        try:
            return await bridge.desk.identify(token, *target)
        except ProblemError:
            bridge.access.refusals.count(address)
            raise
    return await identify_runner(bridge.cluster, await bridge.access.authenticate(token), *target)


async def identify_runner(cluster: Cluster, user: User, namespace: str, name: str) -> SimulationState:
    """Return the simulation whose runner the user is.

    Raises:
        ProblemError: the user's pod is not a pod of the simulation's Job.
    """
    if user.service_account_namespace != namespace or user.pod_name is None:
        raise ProblemError(
            NOT_THE_RUNNER, f"{user.username} is not a service account with a pod in namespace {namespace!r}"
        )
    simulation, pod = await asyncio.gather(
        cluster.simulation(namespace, name), cluster.pod(namespace, user.pod_name)
    )
    if simulation is None:
        raise no_such_simulation(namespace, name)
    job = await cluster.job(namespace, names.job_name(simulation.uid))
    if (objection := objection_to_runner(user, pod, job, simulation)) is not None:
        raise ProblemError(NOT_THE_RUNNER, objection)
    return simulation


def objection_to_runner(
    user: User, pod: Child | None, job: Child | None, simulation: SimulationState
) -> str | None:
    """Follow the chain token -> pod -> Job -> simulation; say where it breaks, None if it holds.

    `job` is the one that carries the name of the simulation's Job.
    """
    if pod is None or pod.uid != user.pod_uid:
        return f"pod {user.pod_name!r} with UID {user.pod_uid} is gone"
    owner = pod.controller
    if owner is None or owner.kind != "Job":
        return f"pod {pod.name!r} does not belong to a Job"
    if owner.name != names.job_name(simulation.uid):
        return (
            f"pod {pod.name!r} belongs to Job {owner.name!r}, but {simulation.name!r} has UID "
            f"{simulation.uid}; it may have been deleted and created again"
        )
    if job is None or job.uid != owner.uid:
        return f"Job {owner.name!r} with UID {owner.uid} is gone"
    if job.controller != Controller(names.KIND, simulation.name, simulation.uid):
        return f"Job {job.name!r} does not belong to {simulation.name!r} with UID {simulation.uid}"
    return None
