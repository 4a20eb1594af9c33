"""Lists everything as operator or bridge do at a start, and prints the peak of the process's memory.

python list_memory.py operator|bridge URL HOW_MANY_THAT_NEED_WORK
"""

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from kubernetes.aio import client

from batterysim.process.deep_documents import allow_deep_documents
from batterysim_kube.api_server import ApiServer


class _Queue:
    """Counts what is to be looked at."""

    def __init__(self) -> None:
        self.added = 0

    def add(self, *_: object, **__: object) -> None:
        """Count it."""
        self.added += 1


async def _operator(api: ApiServer, count: int) -> None:
    import kopf  # noqa: PLC0415 - the bridge does not have it

    from batterysim_operator.control.cluster import Cluster  # noqa: PLC0415
    from batterysim_operator.control.hearing import Hearing  # noqa: PLC0415
    from batterysim_operator.handlers import Dispatcher, configure, register  # noqa: PLC0415

    queue: Any = _Queue()
    dispatcher = Dispatcher(queue, queue)
    registry, settings = kopf.OperatorRegistry(), kopf.OperatorSettings()
    register(registry, dispatcher, api, Hearing())
    configure(settings)
    task = asyncio.create_task(kopf.operator(registry=registry, settings=settings, clusterwide=True))
    while queue.added < count:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.05)
    async for simulation in Cluster(api).simulations(None):
        dispatcher.simulation_resynced(simulation)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _bridge(api: ApiServer, count: int) -> None:
    from batterysim_bridge.cluster.kubernetes import KubernetesCluster  # noqa: PLC0415
    from batterysim_bridge.live.object_cache import ObjectCache  # noqa: PLC0415

    known = ObjectCache()
    known.replace(None, await KubernetesCluster(api).listing(None))
    assert len(known.in_namespace(None)) >= count
    known.replace(None, await KubernetesCluster(api).listing(None))


async def _main(program: str, url: str, count: int) -> None:
    async with client.ApiClient(client.Configuration(host=url)) as api_client:
        await {"operator": _operator, "bridge": _bridge}[program](ApiServer(api_client), count)
    print(_peak_kib())


def _peak_kib() -> int:
    """Return the peak of this program's memory. `ru_maxrss` would count that of the parent before `exec`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    logging.disable()
    allow_deep_documents()
    asyncio.run(_main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
