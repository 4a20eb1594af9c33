"""Functions in machine code give what they give in CasADi's virtual machine."""

from collections.abc import Callable
from pathlib import Path

import casadi
import pytest

from batterysim_runner.compiled.file import CompiledFile
from batterysim_runner.compiled.machine_code import FUNCTIONS, NoCompilerError, in_machine_code
from tests.unit.runner.compiled.test_file import compiled

NUMBERS = ([0.25], [0.5, 2.0], [3.0])


Term = Callable[[casadi.MX], casadi.MX]


def with_functions(last: Term = lambda time: 0 * time) -> CompiledFile:
    """Return one whose functions are the same sum of products, and of a last term of the time."""
    time, states, inputs = casadi.MX.sym("t"), casadi.MX.sym("y", 2), casadi.MX.sym("p")
    total = casadi.exp(-time) * casadi.mtimes(states, inputs) + last(time)
    blobs = {
        name: casadi.Function(name, [time, states, inputs], [total]).serialize().encode()
        for name in FUNCTIONS
    }
    return compiled()._replace(blobs=blobs | {"mass_action": blobs["events"]})


def spline(time: casadi.MX) -> casadi.MX:
    """Return a straight line, as a spline of degree 1."""
    return casadi.bspline(time, casadi.DM([0, 1]), [[0, 0, 1, 1]], [1], 1)


def test_the_functions_give_the_same_numbers(tmp_path: Path) -> None:
    plain = with_functions()

    found = in_machine_code(plain, tmp_path / "a.so")

    assert found.blobs.keys() == {"mass_action"}
    for name in FUNCTIONS:
        assert casadi.norm_inf(found.function(name)(*NUMBERS) - plain.function(name)(*NUMBERS)) == 0


def test_functions_with_a_spline_stay_as_they_are(tmp_path: Path) -> None:
    time = casadi.MX.sym("t")
    given = [time, casadi.MX.sym("y", 2), casadi.MX.sym("p")]
    events = casadi.Function("events", given, [spline(time)]).serialize().encode()
    plain = with_functions()
    plain = plain._replace(blobs={**plain.blobs, "events": events})

    found = in_machine_code(plain, tmp_path / "a.so")

    assert found.blobs["events"] == events
    assert "outputs" not in found.blobs


def test_where_all_functions_have_splines_there_is_no_library(tmp_path: Path) -> None:
    plain = with_functions(spline)

    assert in_machine_code(plain, tmp_path / "a.so") == plain
    assert list(tmp_path.iterdir()) == []


def test_the_same_c_code_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    in_machine_code(with_functions(), tmp_path / "a.so", cache)
    made = (cache / "a.so").stat().st_mtime_ns

    in_machine_code(with_functions(), tmp_path / "a.so", cache)
    assert (cache / "a.so").stat().st_mtime_ns == made

    other = in_machine_code(with_functions(lambda time: time), tmp_path / "a.so", cache)
    assert other.function("events")(*NUMBERS)[0] == pytest.approx(1.5 * 0.7788007830714049 + 0.25)


def test_a_damaged_library_in_the_cache_is_made_again(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    in_machine_code(with_functions(), tmp_path / "a.so", cache)
    (cache / "a.so").write_bytes((cache / "a.so").read_bytes()[:9000])

    found = in_machine_code(with_functions(), tmp_path / "b.so", cache)
    again = in_machine_code(with_functions(), tmp_path / "a.so", cache)

    for each in (found, again):
        assert each.function("events")(*NUMBERS)[0] == pytest.approx(1.5 * 0.7788007830714049)


def test_without_a_compiler_the_message_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")

    with pytest.raises(NoCompilerError, match="no C compiler is on PATH: install one"):
        in_machine_code(with_functions(), tmp_path / "a.so")
