"""A duration is the longest time of a run. One that ends early has the same energy, however long it might be.

The references have 100,001 points over a duration that is about right.
"""

import numpy as np
import pytest

from batterysim.results import Summary
from batterysim_runner.compiled.compilation import compile_shape
from batterysim_runner.compiled.library import Library
from batterysim_runner.compiled.shape import CONTROLS, Shape
from batterysim_runner.engine import prepare
from batterysim_runner.report.summary import summarise
from tests.builders import Json, constant_current, spec_of

DAY = 86_400.0
NOTHING = Library(None)


def summary(protocol: Json, library: Library = NOTHING, **spec: Json) -> Summary:
    return summarise(prepare(spec_of(protocol=protocol, **spec), library).solve())


@pytest.fixture(scope="module")
def library() -> Library:
    library = Library(None)
    library.add(compile_shape(Shape("SPM", (), "Chen2020", CONTROLS[0])))
    return library


@pytest.mark.parametrize("amperes", [15, 5, -5])
@pytest.mark.parametrize("seconds", [2 * 3600, DAY, 10 * DAY])
def test_a_cut_off_ends_it(amperes: float, seconds: float, library: Library) -> None:
    cell = {"parameterSet": "Chen2020", "initialStateOfCharge": 1 if amperes > 0 else 0.05}
    spm = {"cell": cell, "model": {"family": "SPM"}}
    exact = summary(constant_current(amperes, 4000), library, output={"points": 100_001}, **spm)

    found = summary(constant_current(amperes, seconds), library, **spm)

    for name in ("discharge_energy_watt_hours", "discharge_capacity_ampere_hours"):
        assert getattr(found, name) == pytest.approx(getattr(exact, name), rel=1e-6)


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"solver": {"wallClockLimitSeconds": 600}},
        {"pack": {"seriesCount": 2, "parallelCount": 1}},
        {"protocol": {"profile": {"quantity": "Current", "csv": "0,10\n864000,10"}}},
        {"protocol": {"constantPower": {"powerWatts": 40, "durationSeconds": DAY}}},
    ],
    ids=["model", "limited", "pack", "profile", "power"],
)
def test_on_each_road(spec: Json) -> None:
    cell = {"parameterSet": "Chen2020", "initialStateOfCharge": 1}
    protocol = {"constantCurrent": {"currentAmperes": 10, "durationSeconds": DAY}}
    given = {"protocol": protocol, "cell": cell, "model": {"family": "SPM"}} | spec
    short = {
        "constantCurrent": {"currentAmperes": 10, "durationSeconds": 2000},
        "profile": {"quantity": "Current", "csv": "0,10\n2000,10"},
        "constantPower": {"powerWatts": 40, "durationSeconds": 2000},
    }
    name = next(iter(given["protocol"]))
    long = summarise(prepare(spec_of(**given), NOTHING).solve())
    exact = summarise(
        prepare(
            spec_of(**given | {"protocol": {name: short[name]}, "output": {"points": 20_001}}), NOTHING
        ).solve()
    )

    tolerance = 2e-4 if "solver" in spec else 2e-6  # in pieces the integrator starts again at each
    assert long.discharge_energy_watt_hours == pytest.approx(exact.discharge_energy_watt_hours, rel=tolerance)


def test_the_result_has_as_many_points_as_of_any_other(library: Library) -> None:
    spec = spec_of(protocol=constant_current(5, DAY), model={"family": "SPM"})

    for each in (library, NOTHING):
        output = prepare(spec, each).solve().output()
        assert len(output["Time [s]"]) == 101
        assert np.diff(output["Time [s]"]).max() == pytest.approx(output["Time [s]"][-1] / 100)
