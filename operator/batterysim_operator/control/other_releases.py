"""Other releases that serve the same namespaces, which is nobody's intention.

Each run is still made once, because its Job is named after the simulation. But the first operator creates it,
and the result goes to the bridge of its release: that of the other one does not have it.
"""

from collections.abc import Mapping
from typing import Any

from batterysim import names
from batterysim_operator.reconcile.events import Transition


class OtherReleases:
    """Notices each of them once in each namespace."""

    def __init__(self, own: str | None) -> None:
        """own: this release, as NAMESPACE/NAME; None: unknown, so nothing is noticed."""
        self._own = own
        self._noticed: set[tuple[str, str]] = set()

    def notice(self, job: Mapping[str, Any]) -> Transition | None:
        """Return what is worth an event about a run's Job: that another release has created it."""
        metadata = job["metadata"]
        other = (metadata.get("annotations") or {}).get(names.ANNOTATION_RELEASE)
        if self._own is None or other is None or other == self._own:
            return None
        found = (metadata["namespace"], other)
        if found in self._noticed:
            return None
        self._noticed.add(found)
        return Transition(
            "Warning",
            "ServedTwice",
            f"release {other} has started this run, and its bridge gets the result; release {self._own} "
            f"serves namespace {metadata['namespace']!r}, too: give each release namespaces of its own "
            "(watchNamespaces)",
        )
