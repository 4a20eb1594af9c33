"""What a run adds up to over time: a few numbers in the place of the many points that they come from."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np


class Sums(NamedTuple):
    """Integrals over the time of a run or of a part of it. NaN: the model has no such column.

    Charges and energies are those out of the cell and into it, each without subtracting the other.

    seconds: its time.
    volt_seconds, joules, heat_joules: of the voltage, of the power at the terminals, and of the heating.
    lost_joules: of the current times what the voltage lacks against its open-circuit value.
    square_ampere_seconds: of the current squared.
    """

    seconds: float
    discharged_ampere_hours: float
    charged_ampere_hours: float
    discharged_watt_hours: float
    charged_watt_hours: float
    volt_seconds: float
    joules: float
    heat_joules: float
    lost_joules: float
    square_ampere_seconds: float

    @property
    def mean_volts(self) -> float | None:
        """Mean voltage over time; None: there was no time."""
        return self.volt_seconds / self.seconds if self.seconds > 0 else None

    @property
    def mean_watts(self) -> float | None:
        """Mean power over time; None: there was no time."""
        return self.joules / self.seconds if self.seconds > 0 else None

    @property
    def heat(self) -> float | None:
        """Heat in J; None: the model does not tell."""
        return None if math.isnan(self.heat_joules) else self.heat_joules

    @property
    def internal_resistance_ohms(self) -> float | None:
        """The resistance that loses the energy that the voltage lacks against its open-circuit value."""
        if math.isnan(self.lost_joules) or not self.square_ampere_seconds > 0:
            return None
        return self.lost_joules / self.square_ampere_seconds


def total(parts: Iterable[Sums]) -> Sums:
    """Return what the parts of a run add up to; there are some."""
    return Sums(*np.sum(list(parts), axis=0).tolist())
