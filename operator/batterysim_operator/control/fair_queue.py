"""Keys that wait, handed out in turns: no namespace and no host makes the others wait for it."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import NamedTuple


class Key(NamedTuple):
    """Names one simulation."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class Limits(NamedTuple):
    """How many keys may be under way at once; None: any number."""

    per_namespace: int | None = None
    per_host: int | None = None


NO_LIMITS = Limits()


class FairQueue:
    """Hands out keys round robin over namespaces, and within one over hosts, each within its limits.

    A host is what the work on a key talks to; it is empty where that is the API server alone.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._waiting: dict[str, dict[str, deque[Key]]] = {}
        self._active: dict[Key, str] = {}
        self._in_namespace: Counter[str] = Counter()
        self._to_host: Counter[str] = Counter()

    def put(self, key: Key, host: str = "") -> None:
        """Let a key wait for its turn."""
        self._waiting.setdefault(key.namespace, {}).setdefault(host, deque()).append(key)

    def take(self) -> Key | None:
        """Return the key whose turn it is, which is under way until `done`; None when none may start now."""
        for namespace, host in self._startable():
            key = self._pop(namespace, host)
            self._active[key] = host
            self._in_namespace[namespace] += 1
            self._to_host[host] += 1
            return key
        return None

    def done(self, key: Key) -> None:
        """Take note that the work on a key has ended."""
        host = self._active.pop(key)
        for counter, name in ((self._in_namespace, key.namespace), (self._to_host, host)):
            counter[name] -= 1
            if not counter[name]:
                del counter[name]

    def _startable(self) -> Iterator[tuple[str, str]]:
        for namespace, hosts in self._waiting.items():
            if _is_full(self._in_namespace[namespace], self._limits.per_namespace):
                continue
            for host in hosts:
                if not host or not _is_full(self._to_host[host], self._limits.per_host):
                    yield namespace, host

    def _pop(self, namespace: str, host: str) -> Key:
        """Take the first key of a namespace and host, and move both to the end of their line."""
        hosts = self._waiting.pop(namespace)
        keys = hosts.pop(host)
        key = keys.popleft()
        if keys:
            hosts[host] = keys
        if hosts:
            self._waiting[namespace] = hosts
        return key


def _is_full(count: int, limit: int | None) -> bool:
    return limit is not None and count >= limit
