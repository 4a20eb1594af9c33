"""Whether the cluster was restored from a backup, so that simulations are missing that nobody has deleted.

Each sweep is counted twice: in the cluster, in a Lease, and then in the store. A cluster that has counted
fewer than its store has lost what came after its backup. It stays behind until somebody has decided about the
results that have lost their simulations.
"""

from batterysim_bridge.cluster.cluster import Cluster, ClusterError
from batterysim_bridge.store.store import ResultStore
from batterysim_bridge.store.threads import call_store


async def count_sweep(cluster: Cluster, store: ResultStore, owner: str, *, accepts: bool) -> str | None:
    """Count one more sweep; return how it is known that the cluster was restored, or None.

    owner: has signed the store. accepts: to go on counting after a restoration.

    Raises:
        ClusterError: the API server does not answer.
        OSError: the store is unavailable.
    """
    try:
        counted = await cluster.sweeps()
        noted = await call_store(store.sweeps, owner)
        if counted.number < noted and not accepts:
            behind = f"it has counted {counted.number} sweeps, its store {noted}"
            return f"the cluster was restored from a backup: {behind}"
        number = max(counted.number, noted) + 1
        if await cluster.count_sweep(counted, number):
            await call_store(store.note_sweeps, owner, number)
    except ClusterError as error:
        if not error.is_about_the_place:
            raise
        return f"it cannot be told whether the cluster was restored from a backup: {error}"
    return None
