"""Names are derived, and short enough for what they name."""

import re

from hypothesis import given
from hypothesis import strategies as st

from batterysim import names
from batterysim.status import BatterySimulationStatus

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


@given(st.uuids())
def test_a_jobs_name_fits_the_label_that_kubernetes_makes_of_it(uid: object) -> None:
    name = names.job_name(str(uid))

    assert LABEL.fullmatch(name)
    assert len(name) <= names.LABEL_VALUE_MAX_LENGTH - len("-abcde")  # the pod's name has five more
    assert BatterySimulationStatus(job_name=name).job_name == name


@given(st.uuids(), st.uuids())
def test_other_simulations_have_other_jobs_and_messages(one: object, other: object) -> None:
    same = one == other

    assert (names.job_name(str(one)) == names.job_name(str(other))) is same
    assert (names.message_id(str(one)) == names.message_id(str(other))) is same


def test_a_results_address() -> None:
    assert (
        names.result_uri("http://bridge:8084/", "lab", "cell")
        == "http://bridge:8084/v1/simulations/lab/cell/result"
    )


def test_no_two_writers_share_a_field_manager() -> None:
    assert len({manager.value for manager in names.FieldManager}) == 5
