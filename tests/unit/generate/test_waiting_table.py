"""docs/waiting.md has the words of a cluster, as `make docs-waiting` writes them."""

from pathlib import Path

from generate.waiting_table import row_of, rows_of, with_rows

from batterysim.status import WaitReason
from tests.e2e.admission.obstacles import OBSTACLES

PAGE = (Path(__file__).parents[3] / "docs" / "waiting.md").read_text(encoding="utf-8")


def test_the_page_is_as_it_was_generated() -> None:
    rows = rows_of(PAGE)

    assert [row.cause for row in rows] == [*OBSTACLES]
    assert with_rows(PAGE, rows) == PAGE
    assert [row_of(*row) for row in rows] == rows


def test_each_row_names_the_cause_and_a_remedy() -> None:
    for row in rows_of(PAGE):
        obstacle = OBSTACLES[row.cause]
        assert row.reason == obstacle.reason
        assert obstacle.said in row.message
        assert f"Remedy: {obstacle.remedy}" in row.message


def test_names_and_addresses_are_left_out() -> None:
    job = "bsim-6f1b2c3d-0000-4000-8000-000000000001"
    words = f'pods "{job}-x7k2p": lookup registry.invalid on 10.96.0.10:53; 0/3 nodes: 3 Insufficient cpu'

    row = row_of("some", WaitReason.UNSCHEDULABLE, words)

    assert row.message == 'pods "bsim-…": lookup registry.invalid on …; 0/1 nodes: 1 Insufficient cpu'


def test_the_kubelets_pauses_make_no_difference() -> None:
    at_once = row_of("image", "ErrImagePull", "no such host")
    later = row_of("image", "ImagePullBackOff", 'Back-off pulling image "a:1": ErrImagePull: no such host')

    assert at_once == later


def test_a_bar_in_a_message_stays_in_its_cell() -> None:
    page = "<!-- obstacles: of a test -->\n<!-- end of obstacles -->\n"
    row = row_of("policy", "JobNotAdmitted", "a|b")

    assert rows_of(with_rows(page, [row])) == [row]
