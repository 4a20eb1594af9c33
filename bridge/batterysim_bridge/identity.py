"""Who is calling, and whether they may: runners by their pod, users by their rights in the cluster."""

import asyncio

from batterysim import names
from batterysim_bridge.cluster import Child, Cluster, Owner, Simulation, User
from batterysim_bridge.problem import (
    ACCESS_DENIED,
    NOT_AUTHENTICATED,
    NOT_FOUND,
    NOT_THE_RUNNER,
    ProblemError,
)


def bearer_token(authorization: str | None) -> str:
    """Return the token of an Authorization header.

    Raises:
        ProblemError: there is none.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ProblemError(NOT_AUTHENTICATED, "send the header 'Authorization: Bearer <token>'")
    return token.strip()


async def identify_runner(cluster: Cluster, token: str, namespace: str, name: str) -> Simulation:
    """Return the simulation whose runner the token belongs to.

    Raises:
        ProblemError: the token is not good, or its pod is not a pod of the simulation's Job.
    """
    user, simulation = await asyncio.gather(
        cluster.review_token(token, names.TOKEN_AUDIENCE), cluster.simulation(namespace, name)
    )
    if user is None:
        raise ProblemError(
            NOT_AUTHENTICATED, f"the token is expired, or not for the audience {names.TOKEN_AUDIENCE!r}"
        )
    if user.service_account_namespace != namespace or user.pod_name is None:
        raise ProblemError(
            NOT_THE_RUNNER, f"{user.username} is not a service account with a pod in namespace {namespace!r}"
        )
    if simulation is None:
        raise _not_found(namespace, name)
    pod, job = await asyncio.gather(
        cluster.pod(namespace, user.pod_name), cluster.job(namespace, names.job_name(simulation.uid))
    )
    if (objection := objection_to_runner(user, pod, job, simulation)) is not None:
        raise ProblemError(NOT_THE_RUNNER, objection)
    return simulation


def objection_to_runner(
    user: User, pod: Child | None, job: Child | None, simulation: Simulation
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
    if job.controller != Owner(names.KIND, simulation.name, simulation.uid):
        return f"Job {job.name!r} does not belong to {simulation.name!r} with UID {simulation.uid}"
    return None


async def readable_simulation(cluster: Cluster, token: str, namespace: str, name: str) -> Simulation:
    """Return a simulation, if the token's user may `get` it.

    Tokens for the bridge and for the API server itself are both good.

    Raises:
        ProblemError: the token is not good, the user may not, or there is no such simulation.
    """
    user = await cluster.review_token(token, names.TOKEN_AUDIENCE) or await cluster.review_token(token, None)
    if user is None:
        raise ProblemError(NOT_AUTHENTICATED, "the token is expired, or not one of this cluster")
    allowed, simulation = await asyncio.gather(
        cluster.may_read(user, namespace, name), cluster.simulation(namespace, name)
    )
    if not allowed:
        raise ProblemError(
            ACCESS_DENIED,
            f"{user.username} needs the verb 'get' on {names.PLURAL}.{names.GROUP} "
            f"{name!r} in namespace {namespace!r}",
        )
    if simulation is None:
        raise _not_found(namespace, name)
    return simulation


def _not_found(namespace: str, name: str) -> ProblemError:
    return ProblemError(NOT_FOUND, f"no {names.KIND} {name!r} in namespace {namespace!r}; it may be deleted")
