"""Whether the cluster was restored from a backup, so that simulations are missing that nobody has deleted.

Each cleanup is counted twice: in the cluster, in a Lease, and then in the store. A cluster that has counted
fewer than its store has lost what came after its backup. It stays behind until somebody has decided about the
results that have lost their simulations.
"""

from batterysim_bridge.cluster.cluster import Cluster, ClusterError
from batterysim_bridge.store.store import ResultStore
from batterysim_bridge.store.threads import call_store


async def count_cleanup(cluster: Cluster, store: ResultStore, owner: str, *, accepts: bool) -> str | None:
    """Count one more cleanup; return how it is known that the cluster was restored, or None.

    owner: has signed the store. accepts: to go on counting after a restoration.

    Raises:
        ClusterError: the API server does not answer.
        OSError: the store is unavailable.
    """
    try:
        counted = await cluster.cleanups()
        noted = await call_store(store.cleanups, owner)
        if (behind := _behind(counted.number, noted)) is not None and not accepts:
            return behind
        number = max(counted.number, noted) + 1
        if await cluster.count_cleanup(counted, number):
            await call_store(store.note_cleanups, owner, number)
    except ClusterError as error:
        return _unknown(error)
    return None


async def how_restored(cluster: Cluster, store: ResultStore, owner: str) -> str | None:
    """Return how it is known that the cluster was restored, or None, without counting.

    Raises:
        ClusterError: the API server does not answer.
        OSError: the store is unavailable.
    """
    # The store first: it never has more than a cluster that was not restored.
    noted = await call_store(store.cleanups, owner)
    try:
        return _behind((await cluster.cleanups()).number, noted)
    except ClusterError as error:
        return _unknown(error)


def _behind(counted: int, noted: int) -> str | None:
    if counted >= noted:
        return None
    return f"the cluster was restored from a backup: it has counted {counted} cleanups, its store {noted}"


def _unknown(error: ClusterError) -> str:
    if not error.is_about_the_place:
        raise error
    return f"it cannot be told whether the cluster was restored from a backup: {error}"
