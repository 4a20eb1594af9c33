"""Whether a caller is the runner of a simulation or a sweep: by the pod of its token, or by an attempt's
credential.
"""

import asyncio
from typing import NamedTuple

from batterysim import names
from batterysim_bridge.bridge import Bridge, Target
from batterysim_bridge.cluster.claimed import CREDENTIAL_PREFIX
from batterysim_bridge.cluster.cluster import Child, Cluster, User
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.sweeps import SweepIdentity
from batterysim_bridge.http.problem import (
    NOT_THE_RUNNER,
    ProblemError,
    no_such_simulation,
    no_such_sweep,
)
from batterysim_kube.controllers import Controller


class Item(NamedTuple):
    """What a runner says it works for. job_name: the name that its Job has."""

    kind: str
    name: str
    uid: str
    job_name: str


async def identify(bridge: Bridge, token: str, target: Target, address: str) -> ObjectState:
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


async def identify_runner(cluster: Cluster, user: User, namespace: str, name: str) -> ObjectState:
    """Return the simulation whose runner the user is.

    Raises:
        ProblemError: the user's pod is not a pod of the simulation's Job.
    """
    if user.service_account_namespace != namespace or user.pod_name is None:
        raise _not_in_a_pod(user, namespace)
    simulation, pod = await asyncio.gather(
        cluster.state(namespace, name), cluster.pod(namespace, user.pod_name)
    )
    if simulation is None:
        raise no_such_simulation(namespace, name)
    item = Item(names.KIND, simulation.name, simulation.uid, names.job_name(simulation.uid))
    await _require(cluster, user, pod, namespace, item)
    return simulation


async def identify_sweep_runner(bridge: Bridge, token: str, target: Target) -> SweepIdentity:
    """Return the sweep that the caller's pod solves a shard for.

    Raises:
        ProblemError: it does not.
    """
    user = await bridge.access.authenticate(token)
    if user.service_account_namespace != target.namespace or user.pod_name is None:
        raise _not_in_a_pod(user, target.namespace)
    sweep, pod = await asyncio.gather(
        bridge.sweeps.identity(*target), bridge.cluster.pod(target.namespace, user.pod_name)
    )
    if sweep is None:
        raise no_such_sweep(*target)
    item = Item(names.SWEEP_KIND, sweep.name, sweep.uid, names.sweep_job_name(sweep.uid))
    await _require(bridge.cluster, user, pod, target.namespace, item)
    return sweep


async def _require(cluster: Cluster, user: User, pod: Child | None, namespace: str, item: Item) -> None:
    job = await cluster.job(namespace, item.job_name)
    if (objection := objection_to_runner(user, pod, job, item)) is not None:
        raise ProblemError(NOT_THE_RUNNER, objection)


def _not_in_a_pod(user: User, namespace: str) -> ProblemError:
    return ProblemError(
        NOT_THE_RUNNER, f"{user.username} is not a service account with a pod in namespace {namespace!r}"
    )


def objection_to_runner(user: User, pod: Child | None, job: Child | None, item: Item) -> str | None:
    """Follow the chain token -> pod -> Job -> object; say where it breaks, None if it holds.

    `job` is the one that carries the name of the object's Job.
    """
    if pod is None or pod.uid != user.pod_uid:
        return f"pod {user.pod_name!r} with UID {user.pod_uid} is gone"
    owner = pod.controller
    if owner is None or owner.kind != "Job":
        return f"pod {pod.name!r} does not belong to a Job"
    if owner.name != item.job_name:
        return (
            f"pod {pod.name!r} belongs to Job {owner.name!r}, but {item.name!r} has UID "
            f"{item.uid}; it may have been deleted and created again"
        )
    if job is None or job.uid != owner.uid:
        return f"Job {owner.name!r} with UID {owner.uid} is gone"
    if job.controller != Controller(item.kind, item.name, item.uid):
        return f"Job {job.name!r} does not belong to {item.name!r} with UID {item.uid}"
    return None
