"""How many pods of shared runners each namespace has: as many as there is work for, between min and max."""

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from batterysim_kube.errors import NO_ANSWER, ApiException
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.fair_queue import Key

logger = logging.getLogger(__name__)

SCALE_INTERVAL_SECONDS = 2.0
IDLE_SECONDS = 120.0
"""Pods that are not needed are kept for so long: they take seconds to start."""


@dataclass(frozen=True)
class SharedRunners:
    """The shared runners of a namespace, as the chart's values declare them."""

    namespace: str
    minimum: int = 1
    maximum: int = 1
    concurrency: int = 2

    def pods_for(self, simulations: int) -> int:
        """Return how many pods that many simulations want.

        >>> [SharedRunners("lab", 1, 3, concurrency=2).pods_for(count) for count in (0, 2, 3, 50)]
        [1, 1, 2, 3]
        """
        return min(max(math.ceil(simulations / self.concurrency), self.minimum), self.maximum)


class SharedLoad:
    """How many simulations of each namespace are on shared runners, or wait for one."""

    def __init__(self) -> None:
        self._keys: dict[str, set[Key]] = defaultdict(set)

    def note(self, key: Key, *, is_under_way: bool) -> None:
        """Take note of a simulation, as it now is."""
        if is_under_way:
            self._keys[key.namespace].add(key)
        else:
            self._keys[key.namespace].discard(key)

    def count(self, namespace: str) -> int:
        """Return how many there are."""
        return len(self._keys[namespace])


class RunnerScale:
    """Decides when the number of a namespace's pods changes: up at once, down after a long idle time."""

    def __init__(self, runners: SharedRunners, clock: Callable[[], float]) -> None:
        self.runners = runners
        self._clock = clock
        self._needed: int | None = None
        self._needed_time = 0.0

    def pods(self, simulations: int, current: int) -> int:
        """Return how many pods there are to be. current: how many are asked for now."""
        wanted, now = self.runners.pods_for(simulations), self._clock()
        if wanted >= current:
            self._needed, self._needed_time = wanted, now
            return wanted
        if self._needed is None:
            self._needed, self._needed_time = current, now
        if now - self._needed_time < IDLE_SECONDS:
            return min(current, self.runners.maximum)
        return wanted


async def scale_runners(
    cluster: Cluster,
    load: SharedLoad,
    deployment: str,
    runners: Sequence[SharedRunners],
    clock: Callable[[], float],
) -> None:
    """Keep the pods of all namespaces at their number, until cancelled."""
    scales = [RunnerScale(item, clock) for item in runners if item.minimum < item.maximum]
    while scales:
        for scale in scales:
            namespace = scale.runners.namespace
            try:
                current = await cluster.replicas(namespace, deployment)
                wanted = scale.pods(load.count(namespace), current)
                if wanted != current:
                    await cluster.scale(namespace, deployment, wanted)
                    logger.info(
                        "shared runners of namespace %s: %d pods, %d before", namespace, wanted, current
                    )
            except (ApiException, *NO_ANSWER) as error:
                logger.warning("the shared runners of namespace %s were not scaled: %s", namespace, error)
        await asyncio.sleep(SCALE_INTERVAL_SECONDS)
