"""Simulations as the watch has just reported them, so that a look at one need not read it again.

A decision on what is old does no harm: it is written with the resource version that it was made on.
"""

from collections import OrderedDict

from batterysim_operator.control.fair_queue import Key
from batterysim_operator.reconcile.observation import Manifest

KEPT = 500


class Recent:
    """The newest state of some simulations, each good for one look."""

    def __init__(self) -> None:
        self._seen: OrderedDict[Key, Manifest] = OrderedDict()

    def put(self, key: Key, simulation: Manifest) -> None:
        """Keep a state in the place of the one before."""
        self._seen[key] = simulation
        self._seen.move_to_end(key)
        if len(self._seen) > KEPT:
            self._seen.popitem(last=False)

    def take(self, key: Key) -> Manifest | None:
        """Return the newest state, once; None: it has to be read."""
        return self._seen.pop(key, None)
