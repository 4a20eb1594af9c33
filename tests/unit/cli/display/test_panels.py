"""Which curves a plot has."""

import math

import pyarrow as pa

from batterysim_cli.display.panels import panels_of

RUN = pa.table(
    {
        "Time [s]": [0.0, 1.0, 2.0],
        "Voltage [V]": [4.0, 3.9, 3.8],
        "Current [A]": [1.0, 1.0, 1.0],
        "Measured voltage [V]": [4.1, 4.0, math.nan],
    }
)


def test_measured_data_are_drawn_over_what_they_are_compared_with() -> None:
    voltage, current = panels_of([("run", RUN)], ())

    assert [(curve.label, curve.x, curve.y) for curve in voltage.curves] == [
        ("run", [0, 1, 2], [4.0, 3.9, 3.8]),
        ("run, measured", [0, 1], [4.1, 4.0]),
    ]
    assert [curve.label for curve in current.curves] == ["run"]
