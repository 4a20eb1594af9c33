"""All objects of a kind in memory, simulations or sweeps, and everyone who waits for a change of one.

Filled by a `Reflector` for each scope; a scope is a namespace, or None for all of them. However many wait,
the API server sees one watch. Nothing here blocks or does I/O; everything runs on one event loop.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from batterysim.change_kind import ChangeKind
from batterysim_bridge.cluster.cluster import Listing, WatchEvent, WatchEventType
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.live.change import Change, change_between
from batterysim_bridge.live.subscription import Subscription

Scope = str | None
Key = tuple[str, str]

DELETIONS_KEPT = 10_000


class ObjectCache:
    """The objects of a kind in some scopes, as of the last change that was received."""

    def __init__(self, scopes: Iterable[Scope] = (None,)) -> None:
        self.scopes = tuple(scopes)
        self._objects: dict[Key, ObjectState] = {}
        self._versions: dict[Scope, int] = {}
        self._subscriptions: set[Subscription] = set()
        self._deletions: deque[Change] = deque()
        self._forgotten_version = 0
        self._left_out: set[Scope] = set()
        self._filled = asyncio.Event()
        self.is_closed = False

    @property
    def is_filled(self) -> bool:
        """Whether every scope has been listed, or left out."""
        return self._filled.is_set()

    async def filled(self) -> None:
        """Wait until every scope has been listed."""
        await self._filled.wait()

    @property
    def version(self) -> int:
        """The resource version up to which changes are known."""
        return max(self._versions.values(), default=0)

    def version_of(self, namespace: str) -> int:
        """Return the resource version up to which a namespace's changes are known; 0: nothing is."""
        return self._versions.get(None if None in self.scopes else namespace, 0)

    def get(self, namespace: str, name: str) -> ObjectState | None:
        """Return an object; None if there is none, or none has been received yet."""
        return self._objects.get((namespace, name))

    def in_namespace(self, namespace: str | None) -> list[ObjectState]:
        """Return a namespace's objects, in no order; None: all."""
        return [item for item in self._objects.values() if namespace in (None, item.namespace)]

    def since(
        self, version: int, namespace: str | None = None, name: str | None = None
    ) -> list[Change] | None:
        """Return what has changed after a resource version, in order; None: it is too long ago to know.

        An object that changed several times is there once, as it is now.
        """
        spans_watches = namespace is None and len(self.scopes) > 1
        if version < self._forgotten_version or spans_watches:
            return None
        wanted = _filter(namespace, name)
        changed = [change for change in self._deletions if _is_after(version, change.state, wanted)]
        changed += [
            change_between(None, item) for item in self._objects.values() if _is_after(version, item, wanted)
        ]
        return sorted(changed, key=lambda change: change.state.version)

    @contextmanager
    def changes(self, namespace: str | None = None, name: str | None = None) -> Iterator[Subscription]:
        """Gather changes from now on: of one object, of a namespace, or of all."""
        subscription = Subscription(_filter(namespace, name))
        self._subscriptions.add(subscription)
        if self.is_closed:
            subscription.close()
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    async def until(
        self, simulation: ObjectState, condition: Callable[[ObjectState], bool]
    ) -> ObjectState | None:
        """Wait until something is so, for example `lambda simulation: simulation.has_ended`.

        Set a limit with `asyncio.timeout`. The simulation need not be in the cache yet.

        Returns:
            The simulation as it then is; None if it is gone (also when another one has taken its name), or
            the bridge is about to end.
        """
        with self.changes(simulation.namespace, simulation.name) as changes:
            current = self.get(simulation.namespace, simulation.name)
            newest = current if current is not None and current.version >= simulation.version else simulation
            while True:
                if newest.uid != simulation.uid:
                    return None
                if condition(newest):
                    return newest
                gathered = await changes.gather()
                if not gathered:
                    return None
                for change in gathered:
                    if change.state.uid == simulation.uid and change.kind is ChangeKind.DELETED:
                        return None
                    newest = max(newest, change.state, key=lambda item: item.version)

    def leave_out(self, scope: Scope) -> None:
        """Do not wait for a scope that cannot be listed, such as a deleted namespace, if there are others."""
        if len(self.scopes) > 1:
            self._left_out.add(scope)
            self._fill()

    def replace(self, scope: Scope, listing: Listing) -> None:
        """Take over a whole new list of a scope. Simulations that it lacks have been deleted unseen."""
        before = {key: item for key, item in self._objects.items() if scope in (None, item.namespace)}
        listed = {(item.namespace, item.name): item for item in listing.states}
        if scope not in self._versions:
            self._forgotten_version = max(self._forgotten_version, int(listing.resource_version))
        self._versions[scope] = int(listing.resource_version)
        for key, item in before.items():
            if key not in listed or listed[key].uid != item.uid:
                gone = item._replace(resource_version=listing.resource_version)
                self._delete(Change(ChangeKind.DELETED, gone, is_witnessed=False))
        for item in listing.states:
            self._set(item)
        self._fill()

    def apply(self, scope: Scope, event: WatchEvent) -> None:
        """Take over what a watch has told."""
        self._versions[scope] = int(event.resource_version)
        if event.state is None:
            return
        if event.type is WatchEventType.DELETED:
            self._delete(Change(ChangeKind.DELETED, event.state))
        else:
            self._set(event.state)

    def close(self) -> None:
        """Let everyone who waits go: the bridge is about to end."""
        self.is_closed = True
        for subscription in self._subscriptions:
            subscription.close()

    def _fill(self) -> None:
        if self._versions.keys() | self._left_out >= set(self.scopes):
            self._filled.set()

    def _set(self, simulation: ObjectState) -> None:
        key = simulation.namespace, simulation.name
        before = self._objects.get(key)
        if before is not None and before.resource_version == simulation.resource_version:
            return
        self._objects[key] = simulation
        self._tell(change_between(before, simulation))

    def _delete(self, change: Change) -> None:
        self._objects.pop((change.state.namespace, change.state.name), None)
        self._deletions.append(change)
        if len(self._deletions) > DELETIONS_KEPT:
            self._forgotten_version = self._deletions.popleft().state.version
        self._tell(change)

    def _tell(self, change: Change) -> None:
        for subscription in self._subscriptions:
            subscription.offer(change)


def _filter(namespace: str | None, name: str | None) -> Callable[[ObjectState], bool]:
    return lambda item: namespace in (None, item.namespace) and name in (None, item.name)


def _is_after(version: int, simulation: ObjectState, wanted: Callable[[ObjectState], bool]) -> bool:
    return simulation.version > version and wanted(simulation)
