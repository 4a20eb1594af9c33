"""Blocks are run in their cycles, as often as they say."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.steps.experiment import step_fields, steps_of
from batterysim.spec.steps.program import Place, Program

REST = ["Rest for 1 hour"]
CYCLE = ["Discharge at 1C for 5 minutes", "Charge at 1C for 5 minutes"]


def program(cycles: int, *blocks: dict[str, object]) -> Program:
    return Program(Experiment.model_validate({"blocks": list(blocks), "cycles": cycles}))


def steps(program: Program, cycle: int) -> list[int]:
    return [place.step for place in program.order(cycle)]


def test_without_blocks_each_cycle_has_all_steps() -> None:
    plain = Program(Experiment(steps=CYCLE + REST, cycles=3))

    assert plain.order(1) == plain.order(3) == [Place(0), Place(1), Place(2)]
    assert plain.sequence() == [0, 1, 2, 0, 1, 2]
    assert Program(Experiment(steps=CYCLE)).sequence() == [0, 1]


def test_a_block_is_repeated_within_its_cycle() -> None:
    order = program(1, {"steps": REST}, {"name": "pulses", "steps": CYCLE, "repeat": 3}).order(1)

    assert [place.step for place in order] == [0, 1, 2, 1, 2, 1, 2]
    assert order[0] == Place(0, "1", 1)
    assert order[-1] == Place(2, "pulses", 3)


def test_a_first_cycle_may_differ() -> None:
    formation = program(3, {"steps": REST, "toCycle": 1}, {"steps": CYCLE, "fromCycle": 2})

    assert [steps(formation, cycle) for cycle in (1, 2, 3)] == [[0], [1, 2], [1, 2]]


def test_a_reference_test_comes_in_every_nth_cycle() -> None:
    tested = program(500, {"steps": CYCLE}, {"steps": REST, "fromCycle": 50, "everyCycles": 50})

    assert [cycle for cycle in range(1, 501) if len(tested.order(cycle)) > 2] == [*range(50, 501, 50)]
    assert tested.steps_before(501) == 500 * 2 + 10
    assert tested.longest_cycle == 3


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "steps": st.lists(st.sampled_from(CYCLE + REST), min_size=1, max_size=3),
                "repeat": st.integers(1, 4),
                "fromCycle": st.integers(1, 4),
                "everyCycles": st.integers(1, 3),
            }
        ),
        min_size=1,
        max_size=4,
    ),
    st.integers(1, 8),
)
def test_the_sequence_has_each_way_from_a_step_to_the_next(
    blocks: list[dict[str, object]], cycles: int
) -> None:
    program = Program(Experiment.model_validate({"blocks": [{"steps": REST}, *blocks], "cycles": cycles}))
    whole = [place.step for cycle in range(1, cycles + 1) for place in program.order(cycle)]
    sequence = program.sequence()

    assert {*pairwise(whole)} <= {*pairwise(sequence)}
    assert set(whole) <= set(sequence)


def test_each_step_has_a_field() -> None:
    experiment = Experiment.model_validate(
        {"blocks": [{"steps": CYCLE}, {"structuredSteps": [{"rest": True, "durationSeconds": 60}]}]}
    )

    assert step_fields(experiment) == [
        "spec.protocol.experiment.blocks[0].steps[0]",
        "spec.protocol.experiment.blocks[0].steps[1]",
        "spec.protocol.experiment.blocks[1].structuredSteps[0]",
    ]
    assert len(steps_of(experiment)) == 3
