"""A checkpoint holds everything to the last bit, and nothing of another run is gone on from."""

import io
import itertools
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batterysim.cycle_record import Ageing, CycleRecord
from batterysim.results import StepRecord
from batterysim_runner.errors import CheckpointRefusedError, RunEndedError, UploadFailedError
from batterysim_runner.experiment.checkpoint import (
    Checkpoint,
    Origin,
    UnusableCheckpointError,
    decode,
    encode,
)
from batterysim_runner.experiment.checkpointing import MAX_SHARE, Checkpointer
from batterysim_runner.experiment.recording import Points, Recording
from batterysim_runner.experiment.records import Records
from batterysim_runner.experiment.stepper import State
from batterysim_runner.report.sums import Sums

ORIGIN = Origin(spec_sha256="0" * 64, pybamm_version="26.10.0", runner_version="0.1.0")
STEP = StepRecord(
    cycle=1, step=1, instruction="Rest for 1 hour", end_time_seconds=0.1 + 0.2, ended_by="final time"
)
LATER = STEP.model_copy(update={"cycle": 3})
CYCLE = CycleRecord(
    cycle=1,
    end_time_seconds=0.1 + 0.2,
    discharge_capacity_ampere_hours=1 / 3,
    charge_capacity_ampere_hours=0.1,
    discharge_energy_watt_hours=1.2,
    charge_energy_watt_hours=0.4,
    min_volts=2.5,
    mean_volts=3.7,
    max_volts=4.2,
    ageing=Ageing(capacity_ampere_hours=14 / 3),
)
LATEST = CYCLE.model_copy(update={"cycle": 3})
SUMS = Sums(3600.1, 1 / 3, 0.1, 1.2, 0.4, 1e4, 1e3, math.nan, 0.1 + 0.2, 9e4)
numbers = arrays(np.float64, 7, elements=st.floats(allow_nan=False))


def checkpoint(vector: np.ndarray, values: np.ndarray, cycle: int = 3) -> Checkpoint:
    points = Points({"Time [s]": values, "Voltage [V]": values[::-1]}, values > 0, SUMS)
    return Checkpoint(
        cycle, 12.5, State(3600.1, 2, vector), Recording.of(points, Records([STEP], [CYCLE], [LATER], LATEST))
    )


SMALL = checkpoint(np.array([1.0, 1 / 3]), np.array([0.1, 0.2, 0.3]))


@given(numbers, numbers)
def test_all_of_it_comes_back_to_the_last_bit(vector: np.ndarray, values: np.ndarray) -> None:
    original = checkpoint(vector, values)

    restored = decode(encode(original, ORIGIN), ORIGIN)

    assert restored[:2] == original[:2]
    assert restored.state[:2] == original.state[:2]
    assert restored.state.vector.tobytes() == vector.tobytes()
    points, before = restored.recording.points(), original.recording.points()
    assert {name: column.tobytes() for name, column in points.values.items()} == {
        name: column.tobytes() for name, column in before.values.items()
    }
    assert np.array_equal(points.in_output, before.in_output)
    np.testing.assert_array_equal(points.sums, before.sums)
    assert restored.recording.records == Records([STEP], [CYCLE], [LATER], LATEST)


@pytest.mark.parametrize("field", ["spec_sha256", "pybamm_version", "runner_version"])
def test_one_of_another_origin_is_not_used(field: str) -> None:
    content = encode(SMALL, ORIGIN.model_copy(update={field: "another"}))

    with pytest.raises(UnusableCheckpointError, match=f"its {field} is another, this run's is"):
        decode(content, ORIGIN)


@pytest.mark.parametrize("length", [0, 10, 500, -1])
def test_one_that_is_cut_off_is_not_used(length: int) -> None:
    with pytest.raises(UnusableCheckpointError, match="it cannot be read"):
        decode(encode(SMALL, ORIGIN)[:length], ORIGIN)


def test_a_damaged_bit_is_found_out() -> None:
    content = bytearray(encode(SMALL, ORIGIN))
    content[content.index(SMALL.state.vector.tobytes())] ^= 1

    with pytest.raises(UnusableCheckpointError, match="it cannot be read"):
        decode(bytes(content), ORIGIN)


def test_nothing_in_it_is_executed() -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (pytest.fail, ("a pickle was loaded",))

    as_npz = io.BytesIO()
    np.savez(as_npz, header=np.array([Trap()], dtype=object))

    for content in (pickle.dumps(Trap()), as_npz.getvalue()):
        with pytest.raises(UnusableCheckpointError):
            decode(content, ORIGIN)


class Store:
    """Keeps a checkpoint, and takes so many seconds for it."""

    def __init__(self, seconds: float = 0.0, error: Exception | None = None) -> None:
        self.now = 0.0
        self.saved: list[float] = []
        self.cycles: list[int | None] = []
        """What was saved; None: the one that was kept was discarded."""
        self.content: bytes | None = None
        self._seconds = seconds
        self._error = error

    def clock(self) -> float:
        return self.now

    def load_checkpoint(self) -> bytes | None:
        if self._error:
            raise self._error
        return self.content

    def discard_checkpoint(self) -> None:
        self.cycles.append(None)
        self.content = None

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        self.now += self._seconds
        self.saved.append(self.now)
        self.cycles.append(cycle)
        if self._error:
            raise self._error


def run(store: Store, seconds: float, cycle_seconds: float = 0.5) -> list[str]:
    """Offer a checkpoint after each cycle, and return what was said."""
    said: list[str] = []
    checkpointer = Checkpointer(store, ORIGIN, said.append, store.clock)
    while store.now < seconds:
        store.now += cycle_seconds
        checkpointer.offer(lambda: SMALL)
    return said


def test_a_short_run_is_not_saved() -> None:
    store = Store()

    run(store, 9)

    assert store.saved == []


def test_a_long_run_is_saved_every_ten_seconds() -> None:
    store = Store()

    run(store, 60)

    assert store.saved == [10, 20, 30, 40, 50, 60]


@given(st.floats(0.01, 100), st.floats(0.1, 100))
def test_saving_takes_a_twentieth_of_the_time_at_most(seconds: float, cycle_seconds: float) -> None:
    store = Store(seconds)

    run(store, 10_000, cycle_seconds)

    # counted at the moments when a save has just ended: the worst there are, but for the first
    for count, ended in itertools.islice(enumerate(store.saved, 1), 1, None):
        assert (count - 1) * seconds <= MAX_SHARE * ended


def test_a_bridge_that_is_away_stops_nothing() -> None:
    store = Store(error=OSError("the bridge is away"))

    assert set(run(store, 30)) == {"a checkpoint could not be saved: the bridge is away"}
    assert len(store.saved) == 3


def test_a_checkpoint_that_is_refused_is_the_last() -> None:
    store = Store(error=CheckpointRefusedError("too large"))

    assert run(store, 60) == ["saves no more checkpoints: too large"]


def test_a_run_that_has_ended_elsewhere_does_not_go_on() -> None:
    store = Store(error=RunEndedError("the bridge answered 409: it has ended"))

    with pytest.raises(RunEndedError):
        run(store, 60)

    assert store.saved == [10]


def restore(store: Store) -> tuple[Checkpoint | None, list[str]]:
    said: list[str] = []
    return Checkpointer(store, ORIGIN, said.append, store.clock).restore(), said


def test_a_first_pod_begins_at_the_beginning_without_a_word() -> None:
    assert restore(Store()) == (None, [])


def test_a_later_pod_says_from_where_it_goes_on() -> None:
    store = Store()
    store.content = encode(SMALL, ORIGIN)

    found, said = restore(store)

    assert found is not None
    assert found.cycle == 3
    assert said == ["continues from cycle 4, after a checkpoint"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"rubbish", "it cannot be read"),
        (encode(SMALL, ORIGIN.model_copy(update={"spec_sha256": "1" * 64})), "its spec_sha256 is 1111"),
    ],
)
def test_a_checkpoint_that_is_of_no_use_is_ignored_with_a_word(content: bytes, said: str) -> None:
    store = Store()
    store.content = content

    found, (word,) = restore(store)

    assert found is None
    assert word.startswith(f"starts from the beginning, because the checkpoint cannot be used: {said}")


def test_a_checkpoint_that_is_of_no_use_stays_until_another_takes_its_place() -> None:
    """Then it goes, whatever its cycle is: the bridge would keep it for being the later one."""
    store = Store()
    store.content = b"rubbish"
    checkpointer = Checkpointer(store, ORIGIN, lambda _: None, store.clock)
    checkpointer.restore()

    for now in (5, 10, 20):
        assert (store.content is None) is (now > 10)
        store.now = now
        checkpointer.offer(lambda: SMALL)

    assert store.cycles == [None, 3, 3]


def test_a_checkpoint_that_cannot_be_fetched_is_not_taken_for_none() -> None:
    """A run that began at the beginning then overwrote that of cycle 500 by its own first."""
    with pytest.raises(UploadFailedError):
        restore(Store(error=UploadFailedError("the bridge answered 401")))


def test_a_checkpoint_of_a_long_run_stays_small_enough_to_be_taken() -> None:
    """Ten thousand points of eight columns are 0.65 MB; the bridge takes 256 MiB."""
    columns, mask = {f"column {number}": np.zeros(10_000) for number in range(8)}, np.full(10_000, True)
    points = Points(columns, mask, SUMS)
    content = encode(Checkpoint(1, 0, State(0, 0, np.zeros(100)), Recording.of(points, Records())), ORIGIN)

    assert math.isclose(len(content), 0.65e6, rel_tol=0.02)
