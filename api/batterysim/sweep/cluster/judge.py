"""Checking sweeps that are to run in a cluster, in worker processes, so that none of them stops a server."""

import json
from collections.abc import Mapping
from typing import Any

from batterysim.checks.judge import over_budget
from batterysim.process.worker_pool import OverBudgetError, Work
from batterysim.sweep.cluster.checks import check_for_cluster
from batterysim.sweep.spec import BatterySweepSpec


class SweepJudge:
    """Reads sweeps, each within a budget of time and memory."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def sweep(self, who: str, raw: Mapping[str, Any]) -> BatterySweepSpec:
        """Read the spec of a sweep as written by a user.

        who: whose it is, such as its namespace.

        Raises:
            InvalidSpecError: it cannot be run in a cluster, or takes too long to read.
            BusyError: it may be tried again.
        """
        try:
            return await self._work.run(who, read_sweep, json.dumps(raw, separators=(",", ":")))
        except OverBudgetError as error:
            raise over_budget(raw, error) from error


def read_sweep(text: str) -> BatterySweepSpec:
    """Read the spec of a sweep in JSON.

    Raises:
        InvalidSpecError: it cannot be run in a cluster.
    """
    return check_for_cluster(json.loads(text))
