"""Checking specs in worker processes, so that none of them stops a server."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from batterysim.checks.validation import parse_spec
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.process.worker_pool import OverBudgetError, Work
from batterysim.spec.documents.largest_part import largest_part
from batterysim.spec.simulation import BatterySimulationSpec

PRELOAD = ("batterysim.checks.warm",)
"""What workers import, so that they find everything loaded."""

REMEMBERED = 256
LONGEST_REMEMBERED = 8192
"""Characters of JSON. A spec is some ten times as large in memory, so this is 20 MB at most."""


class Judge:
    """Reads specs, each within a budget of time and memory; of short ones it knows the last few."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: OrderedDict[bytes, BatterySimulationSpec] = OrderedDict()

    async def spec(self, who: str, raw: Mapping[str, Any]) -> BatterySimulationSpec:
        """Read a spec as written by a user.

        who: whose it is, such as its namespace.

        Raises:
            InvalidSpecError: it cannot be run, or takes too long to read.
            BusyError: it may be tried again.
        """
        text = json.dumps(raw, separators=(",", ":"))
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if (known := self._known.get(key)) is not None:
            self._known.move_to_end(key)
            return known
        try:
            spec = await self._work.run(who, read_spec, text)
        except OverBudgetError as error:
            raise over_budget(raw, error) from error
        if len(text) <= LONGEST_REMEMBERED:
            self._known[key] = spec
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return spec


def read_spec(text: str) -> BatterySimulationSpec:
    """Read a spec in JSON.

    Raises:
        InvalidSpecError: it cannot be run.
    """
    return parse_spec(json.loads(text))


def over_budget(raw: Mapping[str, Any], error: OverBudgetError) -> InvalidSpecError:
    """Return the problem of a spec that takes too long to read, at its largest part."""
    field, size = largest_part(raw)
    message = f"it takes {error} to check, with {size} characters: shorten it"
    return InvalidSpecError([Problem(FailureReason.INVALID_SPEC, field, message)])
