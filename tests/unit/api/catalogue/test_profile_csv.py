"""A profile is two columns of finite numbers over increasing time; anything else is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batterysim.catalogue.profile_csv import ProfileError, read_profile


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
    assert read_profile(text) == ((0.0, 10.0), (1.0, 2.5))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 0 rows of numbers"),
        ("0,1\n", "has 1 row of numbers"),
        ("0,1\n1\n", "line 2: '1' has 1 column:"),
        ("0,1\n1,2,3\n", "line 2: '1,2,3' has 3 columns:"),
        ("0,1\n1,one\n", "line 2: the value 'one' is no number"),
        ("0,1\n1,nan\n2,1\n", "line 2: the value is 'nan'"),
        ("0,1\ninf,1\n", "line 2: the time is 'inf'"),
        ("# note\n5,1\n6,1\n", "line 2: the first time is 5: begin at 0"),
        ("0,1\n2,1\n1,1\n", "line 3: time 1 does not come after 2"),
        ("0,1\n0,2\n", "line 2: time 0 does not come after 0"),
        ("0,1\n30,1\n30.0000001,2\n", "line 3: time 30.0000001 does not come after 30"),
        ("0,1\n1e9,2\n", "line 2: time 1000000000 is more than a year"),
        ("0;1\n0,5;2\n", "line 2: the time '0,5' is no number"),
        ("0,1\n" + 200_000 * "0" + ",x\n", "line 2: the value 'x' is no number"),
        ("a,b\nc,d\n0,1\n1,1\n", "line 2: the time 'c' is no number"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ProfileError) as refused:
        read_profile(text)

    assert said in str(refused.value)


def test_more_than_a_million_rows_are_too_many() -> None:
    with pytest.raises(ProfileError, match="has 1000002 rows, more than 1000000: use a longer interval"):
        read_profile("0,0\n" * 1_000_002)


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=50),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_what_is_written_is_read_back(steps: list[float], value: float) -> None:
    times = [0.0]
    for step in steps:
        times.append(times[-1] + step)

    table = read_profile("".join(f"{time!r},{value!r}\n" for time in times))

    assert table == (tuple(times), (value,) * len(times))
