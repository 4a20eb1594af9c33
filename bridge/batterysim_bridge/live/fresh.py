"""What this bridge has created and the watch does not show yet: a limit that counts memory alone is none."""

from collections.abc import Iterator
from contextlib import contextmanager

from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.live.object_cache import ObjectCache


class Fresh:
    """Simulations between their creation and the moment when memory has them. All on one event loop."""

    def __init__(self, simulations: ObjectCache) -> None:
        self._simulations = simulations
        self._created: dict[str, ObjectState] = {}
        self._coming = 0

    @contextmanager
    def coming(self) -> Iterator[None]:
        """Count one that is being created in this block."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    def note(self, simulation: ObjectState) -> None:
        """Count one that was created, until memory shows it, or what came of it."""
        self._created[simulation.uid] = simulation

    def count(self, namespace: str) -> int:
        """Return how many of a namespace memory does not show yet; those that are coming count anywhere."""
        known = self._simulations.version_of(namespace)
        self._created = {
            uid: item
            for uid, item in self._created.items()
            if item.version > known and not self._is_shown(item)
        }
        return self._coming + sum(item.namespace == namespace for item in self._created.values())

    def _is_shown(self, simulation: ObjectState) -> bool:
        shown = self._simulations.get(simulation.namespace, simulation.name)
        return shown is not None and shown.uid == simulation.uid
