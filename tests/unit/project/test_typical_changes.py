"""Typical changes can be made where CONTRIBUTING.md says. `make typical-changes` has mypy look, too."""

import shutil
from pathlib import Path

import pytest
from evidence.typical_changes import CHANGES, PACKAGES, ROOT, Change

WITHOUT_HELM = [change for change in CHANGES if change.name != "a label on runner pods"]


@pytest.mark.parametrize("change", WITHOUT_HELM, ids=lambda change: change.name)
def test_a_typical_change_is_made_where_the_checklist_says(change: Change, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))

    edited = change.declare(tmp_path)

    checklist = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert 0 < len(edited) <= change.limit
    for file in (*edited, *change.unseen):
        assert Path(file).name in checklist or file.startswith(("data/", "formats/")), file
