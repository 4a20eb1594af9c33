"""Events tell the turning points, each once."""

import re

import pytest

from batterysim_operator.reconcile.events import Transition, build_event, transition_between
from tests.builders import NOW, Json, condition, simulation

OBJECT_NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
TURN = Transition("Warning", "Failed", "Infeasible: the voltage is past a cut-off")


def status(phase: str, reason: str = "Because", message: str = "of this") -> Json:
    return {"phase": phase, "conditions": [condition("Succeeded", "Unknown", reason, message=message)]}


@pytest.mark.parametrize(
    ("before", "after", "transition"),
    [
        ({}, status("Pending", "Starting"), Transition("Normal", "Accepted", "Starting: of this")),
        (
            status("Pending"),
            status("Running", "Running"),
            Transition("Normal", "Started", "Running: of this"),
        ),
        (
            status("Running"),
            status("Succeeded", "ResultStored"),
            Transition("Normal", "Succeeded", "ResultStored: of this"),
        ),
        (
            status("Running"),
            status("Failed", "Infeasible"),
            Transition("Warning", "Failed", "Infeasible: of this"),
        ),
        (
            {},
            status("Invalid", "UnknownParameter"),
            Transition("Warning", "Invalid", "UnknownParameter: of this"),
        ),
        (
            status("Pending", "Starting"),
            status("Pending", "Unschedulable"),
            Transition("Warning", "Unschedulable", "of this"),
        ),
        (
            status("Pending", "Starting"),
            status("Pending", "ErrImagePull"),
            Transition("Warning", "ErrImagePull", "of this"),
        ),
        (
            status("Pending", "Starting"),
            status("Pending", "Suspended"),
            Transition("Normal", "Suspended", "of this"),
        ),
        (status("Pending", "Unschedulable"), status("Pending", "Retrying"), None),
        (status("Pending", "Unschedulable"), status("Pending", "Unschedulable"), None),
        (status("Pending", "Unschedulable"), status("Pending", "Starting"), None),
        ({}, {}, None),
    ],
)
def test_what_is_worth_telling(before: Json, after: Json, transition: Transition | None) -> None:
    assert transition_between(before, after) == transition


def test_telling_it_twice_makes_one_event() -> None:
    first = build_event(simulation(), TURN, NOW)
    second = build_event(simulation(resourceVersion="101"), TURN, NOW)

    assert first["metadata"] == second["metadata"]


def test_other_turns_generations_and_objects_have_events_of_their_own() -> None:
    names = {
        build_event(simulation(**changes), transition, NOW)["metadata"]["name"]
        for changes in ({}, {"generation": 2}, {"uid": "another"})
        for transition in (TURN, Transition("Normal", "Started", ""))
    }

    assert len(names) == 6


def test_an_event_is_about_its_simulation() -> None:
    event = build_event(simulation(), TURN, NOW)

    assert event["involvedObject"]["kind"] == "BatterySimulation"
    assert event["involvedObject"]["uid"] == simulation()["metadata"]["uid"]
    assert event["metadata"]["namespace"] == event["involvedObject"]["namespace"] == "lab"
    assert (event["type"], event["reason"], event["message"]) == TURN
    assert event["firstTimestamp"] == "2026-03-01T12:00:00Z"


@pytest.mark.parametrize("name", ["a" * 253, "a" * 199 + "-" + "b" * 40, "a" * 199 + "." + "b" * 40, "x"])
def test_an_events_name_is_valid_however_long_the_simulations_is(name: str) -> None:
    made = build_event(simulation(name=name), TURN, NOW)["metadata"]["name"]

    assert OBJECT_NAME.fullmatch(made)
    assert len(made) <= 253


def test_a_long_message_is_cut_to_what_an_event_may_hold() -> None:
    assert len(build_event(simulation(), Transition("Warning", "Failed", "x" * 5000), NOW)["message"]) == 1024
