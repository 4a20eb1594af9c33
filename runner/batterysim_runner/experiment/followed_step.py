"""A drive cycle or profile as a step of an experiment."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pybamm

from batterysim.catalogue.prescription import prescribed_by
from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.profile import Profile


class _Digest(pybamm.step.BaseTermination):  # type: ignore[misc]
    """Ends nothing. PyBaMM tells steps apart by the text of their value, which of a long array has dots."""

    def get_event(self, *_: Any) -> None:
        """Return that there is no event."""


def followed_step(
    given: DriveCycle | Profile, kind: Callable[..., pybamm.step.BaseStep], options: dict[str, Any]
) -> pybamm.step.BaseStep:
    """Return a step of PyBaMM's that follows a cycle or profile with its repetitions.

    kind: makes the step, by what the cycle or profile sets. options: of the step, in PyBaMM's words.
    """
    prescribed = prescribed_by(given)
    table = None if prescribed is None else prescribed.whole_table()
    assert table is not None  # noqa: S101 - references are resolved before
    values = np.array([table.times_seconds, table.values]).T
    digest = _Digest(hashlib.sha256(values.tobytes()).hexdigest())
    return kind(values, **{**options, "termination": [*options["termination"], digest]})
