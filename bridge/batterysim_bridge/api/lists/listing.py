"""A page of a list of simulations: which ones, in which order, and where the next page begins."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from batterysim.status import Phase
from batterysim.sweep.status import SweepPhase
from batterysim_bridge.api.lists.label_selector import Requirement
from batterysim_bridge.cluster.object_state import ObjectState


class Cursor(NamedTuple):
    """The last simulation of a page. A page begins after it, whatever has come or gone meanwhile."""

    created_time: str
    namespace: str
    name: str


class Filter(NamedTuple):
    """Which simulations are wanted: those that fulfil everything. An empty part is fulfilled by all."""

    phases: Sequence[Phase | SweepPhase] = ()
    protocols: Sequence[str] = ()
    labels: Sequence[Requirement] = ()
    text: str = ""

    def wants(self, simulation: ObjectState) -> bool:
        """Tell whether a simulation is wanted. One that nobody has looked at yet is Pending."""
        return (
            (not self.phases or (simulation.phase or Phase.PENDING) in self.phases)
            and (not self.protocols or simulation.protocol in self.protocols)
            and self.text in simulation.name
            and all(fulfilled(simulation.labels) for fulfilled in self.labels)
        )


class Page(NamedTuple):
    """A part of a list."""

    simulations: list[ObjectState]
    next_cursor: str | None
    """Where the next page begins; None: this is the last one."""
    total: int
    """How many simulations are wanted, on all pages."""


def page_of(simulations: Iterable[ObjectState], wanted: Filter, after: Cursor | None, limit: int) -> Page:
    """Return a page of the wanted simulations, the newest first."""
    # Sorted twice, because times fall and names rise; Python's sort keeps the order of equals.
    found = sorted(filter(wanted.wants, simulations), key=lambda item: (item.namespace, item.name))
    found.sort(key=lambda item: item.created_time, reverse=True)
    rest = found if after is None else [item for item in found if _is_after(item, after)]
    page = rest[:limit]
    following = _write_cursor(page[-1]) if len(rest) > limit else None
    return Page(page, following, len(found))


def read_cursor(text: str) -> Cursor:
    """Return what a cursor says.

    Raises:
        ValueError: it is not one of ours.
    """
    try:
        created_time, namespace, name = json.loads(base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError, TypeError) as error:
        raise ValueError("not a cursor: use nextCursor of the previous page") from error
    if not all(isinstance(part, str) for part in (created_time, namespace, name)):
        raise ValueError("not a cursor: use nextCursor of the previous page")
    return Cursor(created_time, namespace, name)


def _write_cursor(last: ObjectState) -> str:
    parts = [last.created_time, last.namespace, last.name]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def _is_after(simulation: ObjectState, cursor: Cursor) -> bool:
    if simulation.created_time != cursor.created_time:
        return simulation.created_time < cursor.created_time
    return (simulation.namespace, simulation.name) > (cursor.namespace, cursor.name)
