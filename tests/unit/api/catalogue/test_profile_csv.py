"""A profile is two columns of finite numbers over increasing time; anything else is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.catalogue.profile_csv import ProfileError, Table, read_profile


@pytest.mark.parametrize(
    "text",
    [
        "0,1\n10,2.5\n",
        "time [s],current [A]\n0,1\n10,2.5\n",
        "# from the bench\n0 ; 1\n\n10 ; 2.5",
        "\ufeff# spreadsheet\r\n0\t1\r\n10\t2.5\r\n",
        "\ufeff0,1\n10,2.5\n",
        '"time, s","current, A"\n"0","1"\n"10","2.5"\n',
    ],
)
def test_headings_comments_and_other_delimiters_are_understood(text: str) -> None:
    assert read_profile(text, "Current") == ((0.0, 10.0), (1.0, 2.5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 rows of numbers"),
        ("0,1\n", "has 1 row of numbers"),
        ("0,1\n1\n", "line 2: '1' has 1 column:"),
        ("0,1\n1,2,3\n", "line 2: '1,2,3' has 3 columns:"),
        ("0,1\n1,one\n", "line 2: the value 'one' is not a number"),
        ("0,1\n1,nan\n2,1\n", "line 2: the value is 'nan'"),
        ("0,1\ninf,1\n", "line 2: the time is 'inf'"),
        ("# note\n5,1\n6,1\n", "line 2: the first time is 5: begin at 0"),
        ("0,1\n2,1\n1,1\n", "line 3: time 1 does not come after 2"),
        ("0,1\n0,2\n", "line 2: time 0 does not come after 0"),
        ("0,1\n30,1\n30.0000001,2\n", "line 3: time 30.0000001 does not come after 30"),
        ("0,1\n1e9,2\n", "line 2: time 1000000000 is more than a year"),
        ("0;1\n0,5;2\n", "line 2: the time '0,5' is not a number"),
        ("0,1\n" + 200_000 * "0" + ",x\n", "line 2: the value 'x' is not a number"),
        ("t,I\nc,d\n0,1\n1,1\n", "line 2: the time 'c' is not a number"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ProfileError) as refused:
        read_profile(text, "Current")

    assert said in str(refused.value)


def test_more_than_a_million_rows_are_too_many() -> None:
    with pytest.raises(ProfileError, match="has 1000002 rows, more than 1000000: use a longer interval"):
        read_profile("0,0\n" * 1_000_002, "Current")


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=50),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_is_written_is_read_back(steps: list[float], value: float) -> None:
    times = [0.0]
    for step in steps:
        times.append(times[-1] + step)

    table = read_profile("".join(f"{time!r},{value!r}\n" for time in times), "Current")

    assert table == (tuple(times), (value,) * len(times))


def profile(heading: str, quantity: str = "Current", *, first: str = "0,1", second: str = "2,1") -> Table:
    return read_profile(f"{heading}\n{first}\n{second}\n", quantity)


@pytest.mark.parametrize(
    ("heading", "quantity", "seconds", "value"),
    [
        ("Time [h],Current [A]", "Current", 7200, 1),
        ("# Time [h],Current [A]", "Current", 7200, 1),
        ("Time (min),Current (mA)", "Current", 120, 1e-3),
        ("time_ms,current_uA", "Current", 2e-3, 1e-6),
        ("Elapsed Time (Hours),Power (kW)", "Power", 7200, 1000),
        ("t,P", "Power", 2, 1),
        ("time,value", "Power", 2, 1),
        ("time/s,Ecell/mV", "Voltage", 2, 1e-3),
        ("days,Volts", "Voltage", 2 * 86400, 1),
        ("Test Time / s,Voltage / V", "Voltage", 2, 1),
    ],
)
def test_units_are_read_from_the_headings(heading: str, quantity: str, seconds: float, value: float) -> None:
    assert profile(heading, quantity) == ((0, pytest.approx(seconds)), (pytest.approx(value),) * 2)


@pytest.mark.parametrize(
    ("heading", "amperes"),
    [
        ("Test Time / s,Current / A", -1),
        ("test_time_second,current_ampere", -1),
        ("Test_Time(s),Current(A)", -1),
        ("time/s,<I>/mA", -1e-3),
        ("Run Time (h),Current (A)", -1),
        ("Time [s],Current [A]", 1),
        ("time_s,I_mA", 1e-3),
    ],
    ids=["BDF", "BDF for machines", "Arbin", "BioLogic", "Novonix", "PyBaMM", "plain"],
)
def test_a_positive_current_charges_in_the_formats_in_which_it_does(heading: str, amperes: float) -> None:
    assert profile(heading).values == (pytest.approx(amperes),) * 2


@pytest.mark.parametrize(
    ("heading", "quantity", "said"),
    [
        ("Test Time (sec),Target Speed (mph)", "Current", "'Target Speed (mph)' has the unit 'mph'"),
        ("Time [s],Power [W]", "Current", "is a power, and the profile's quantity is Current"),
        ("Time [s],Current [A]", "Voltage", "is a current, and the profile's quantity is Voltage"),
        ("Current [A],Time [s]", "Current", "the first column is a current: write the time first"),
        ("Time [s],Time [h]", "Current", "both columns are times: write the current second"),
        ("Time [s],Current [V]", "Current", "names a current, and 'V' is a unit of voltage"),
        ("Time [s],Power [MW]", "Power", "has the unit 'MW'"),
        ("Time [s],Current [C]", "Current", "has the unit 'C'"),
        ("Total Time (HH:MM:SS),Current [A]", "Current", "has the unit 'HH:MM:SS'"),
        ("index,Current [A]", "Current", "'index' does not name a time, current, C-rate, power or voltage"),
        ("Time [s],C-rate", "Current", "is a C-rate, and the profile's quantity is Current: set it to CRate"),
        ("Time [s],Current [A]", "CRate", "the profile's quantity is CRate: set it to Current"),
        ("# Time [h],Power [W]", "Current", "is a power, and the profile's quantity is Current"),
        ("Time [s],Current [A],Voltage [V]", "Current", "has 3 columns"),
    ],
)
def test_headings_that_are_something_else_are_refused(heading: str, quantity: str, said: str) -> None:
    with pytest.raises(ProfileError) as refused:
        profile(heading, quantity)

    assert said in str(refused.value)
    assert str(refused.value).startswith("line 1: ")


@pytest.mark.parametrize("comment", ["# from the bench, of Monday", "# 1,2", "# see Time [h] below"])
def test_a_comment_that_is_no_heading_says_nothing(comment: str) -> None:
    assert profile(comment) == ((0, 2), (1, 1))


def test_the_unit_of_time_counts_for_what_times_must_be() -> None:
    with pytest.raises(ProfileError, match="more than a year"):
        profile("Time [d],Current [A]", second="366,1")
