"""Measured data: files as cyclers and this project write them, and what cannot be told from them."""

import pytest

from batterysim.catalogue.measured_csv import read_measured
from batterysim.catalogue.profile_csv import ProfileError

BDF = """\
Test Time / s,Unix Time / s,Voltage / V,Current / A,Ambient Temperature / degC
0,1.7e9,4.1,-1.5,25
60,1.7e9,4.0,-1.5,25
"""
OWN = """\
Time [s],Current [A],Voltage [V],Discharge capacity [A.h],Bulk open-circuit voltage [V],\
Volume-averaged cell temperature [C],State of charge
0,5,4.1,0,4.15,25,1
60,5,4.0,0.08,4.14,25.5,0.98
"""


def values(text: str, quantity: str) -> tuple[float, ...]:
    return read_measured(text, quantity).values


def test_two_columns_are_read_as_a_profile_is() -> None:
    table = read_measured("Time [h],Voltage [mV]\n0,4100\n0.5,4000", "Voltage")

    assert table.times_seconds == (0, 1800)
    assert table.values == pytest.approx((4.1, 4.0))


def test_a_file_of_the_battery_data_format_has_its_columns_and_its_sign() -> None:
    assert read_measured(BDF, "Voltage").times_seconds == (0, 60)
    assert values(BDF, "Voltage") == (4.1, 4.0)
    assert values(BDF, "Current") == (1.5, 1.5)
    assert values(BDF, "Temperature") == (25, 25)


def test_a_result_of_this_project_is_data_too() -> None:
    assert values(OWN, "Voltage") == (4.1, 4.0)
    assert values(OWN, "Current") == (5, 5)
    assert values(OWN, "Temperature") == (25, 25.5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Time [s];Step Time [s];Voltage [V]\n0;0;4\n9;1;3", (0, 9)),
        ("Step Time [min]\tTest Time [min]\tVoltage [V]\n0\t0\t4\n0\t2\t3", (0, 120)),
        ("# of cell 7\n# Time [h],Note [x],U [V]\n0,1,4\n1,1,3", (0, 3600)),
        ('"Time [s]","Note, of the operator","Voltage [V]"\n0,good,4\n1,bad,3', (0, 1)),
        ("Time [s],Voltage [V]\n3600,4\n3601,3", (3600, 3601)),
    ],
)
def test_the_time_of_the_test_is_found(text: str, expected: tuple[float, ...]) -> None:
    assert read_measured(text, "Voltage").times_seconds == expected


@pytest.mark.parametrize(
    ("text", "quantity", "message"),
    [
        (
            "0,4,1\n1,3,1",
            "Voltage",
            "line 1: has 3 columns, but there are no headings that say which is which",
        ),
        ("# a\n0,4,1\n1,3,1", "Voltage", "line 2: has 3 columns, but there are no headings"),
        (BDF, "Power", "line 1: none of the headings 'Test Time / s', 'Unix Time / s', 'Voltage / V', "),
        (
            "Time [s],U1 [V],U2 [V]\n0,4,4\n1,4,4",
            "Voltage",
            "line 1: 'U1 [V]' and 'U2 [V]' are each a voltage",
        ),
        ("A [s],B [s],U [V]\n0,0,4\n1,1,4", "Voltage", "line 1: 'A [s]' and 'B [s]' are each a time"),
        ("Time [s],U [V],x\n0,4,1\n1,4", "Voltage", "line 3: '1,4' has 2 columns, and the headings are 3"),
        ("Time [s],U [V],x\n0,4,1\n1,,1", "Voltage", "line 3: the value '' is not a number"),
        ("Time [s],U [V],x\n0,4,1\n\n0,3,1", "Voltage", "line 4: time 0 does not come after 0"),
        ("-1,4\n1,3", "Voltage", "line 1: the first time is -1: begin at 0 or later"),
        ("Time [s],Current [A]\n0,1\n1,1", "Voltage", "line 1: 'Current [A]' is a current"),
        ("Time [s],Voltage [V],x\n", "Voltage", "has 0 rows of numbers: write at least two"),
        ("", "Voltage", "has 0 rows of numbers: write at least two"),
    ],
)
def test_what_cannot_be_told_is_said_with_its_line(text: str, quantity: str, message: str) -> None:
    with pytest.raises(ProfileError) as error:
        read_measured(text, quantity)

    assert str(error.value).startswith(message)
