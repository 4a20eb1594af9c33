"""A compiled simulation is read as it was written, or not at all."""

from pathlib import Path

import pytest

from batterysim.results import TIME, VOLTAGE
from batterysim_runner.compiled.build import complaints
from batterysim_runner.compiled.file import CompiledFile, Description, Inputs, StaleFileError, read, write
from batterysim_runner.compiled.recipe import recipe_sha256
from batterysim_runner.compiled.shape import JOB_MANAGER_MESH, LUMPED, Control, Shape

SHAPE = Shape("DFN", LUMPED, "Chen2020", Control("Current", False), JOB_MANAGER_MESH)


def compiled(recipe: str = "a recipe", shape: Shape = SHAPE) -> CompiledFile:
    description = Description(
        shape=shape,
        recipe_sha256=recipe,
        pybamm_version="26.10",
        inputs=Inputs(("a", "b"), {"a": 0.1, "b": 1e-30}, {"Thickness [m]": 8.52e-5}, frozenset({"c"})),
        electrode_inputs=("a",),
        events=("Minimum voltage [V]",),
        columns=(TIME, VOLTAGE),
        names=(TIME.name, VOLTAGE.name, "C-rate"),
        tables=("Interpolant 'ocp' upper bound",),
        solver={"states": 2},
        options={"jacobian": "sparse", "dt_max": 0.0},
        states=(("Throughput capacity [A.h]", 0, 1, True), ("Electrolyte potential [V]", 1, 41, False)),
    )
    return CompiledFile(description, {"rhs": b"function" * 1000, "colptrs": bytes(range(256)), "none": b""})


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write(compiled(), tmp_path)

    assert path.name == "DFN-lumped-Chen2020-current-30x30x30x10x10.compiled"
    assert read(path, "a recipe") == compiled()
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_one_of_another_recipe_is_stale(tmp_path: Path) -> None:
    path = write(compiled(), tmp_path)

    with pytest.raises(StaleFileError, match="made of other versions or of other source: build it again"):
        read(path, "another recipe")


@pytest.mark.parametrize(
    ("old", "new"), [(b"Minimum voltage", b"Maximum voltage"), (b"8.52e-05", b"8.53e-05")]
)
def test_one_that_is_not_what_its_key_says(tmp_path: Path, old: bytes, new: bytes) -> None:
    path = write(compiled(), tmp_path)
    path.write_bytes(path.read_bytes().replace(old, new))

    with pytest.raises(StaleFileError, match="is not what its key says"):
        read(path, "a recipe")


def test_one_that_is_damaged(tmp_path: Path) -> None:
    path = write(compiled(), tmp_path)
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(StaleFileError, match="is damaged"):
        read(path, "a recipe")


@pytest.mark.parametrize("size", [0, 300])
def test_one_that_was_not_written_to_its_end(tmp_path: Path, size: int) -> None:
    path = write(compiled(), tmp_path)
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(StaleFileError, match="is damaged"):
        read(path, "a recipe")


def test_one_of_another_version_is_stale_whatever_fields_it_has(tmp_path: Path) -> None:
    path = write(compiled(), tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"tables": [', b'"others": ['))

    with pytest.raises(StaleFileError, match="of other versions"):
        read(path, "another recipe")


def with_library(directory: Path, recipe: str = "a recipe") -> CompiledFile:
    library = directory / f"{SHAPE.name}.so"
    library.write_bytes(b"machine code")
    return compiled(recipe)._replace(library=library)


def test_machine_code_stays_in_a_library_next_to_it(tmp_path: Path) -> None:
    path = write(with_library(tmp_path), tmp_path)

    assert read(path, "a recipe").library == tmp_path / "DFN-lumped-Chen2020-current-30x30x30x10x10.so"


def test_another_library_is_not_what_its_key_says(tmp_path: Path) -> None:
    path = write(with_library(tmp_path), tmp_path)
    path.with_suffix(".so").write_bytes(b"other machine code")

    with pytest.raises(StaleFileError, match="is not what its key says"):
        read(path, "a recipe")


def test_without_its_library_it_is_missing(tmp_path: Path) -> None:
    path = write(with_library(tmp_path), tmp_path)
    path.with_suffix(".so").unlink()

    with pytest.raises(FileNotFoundError):
        read(path, "a recipe")


def test_the_builds_check_names_what_is_missing_stale_or_too_much(tmp_path: Path) -> None:
    other = SHAPE._replace(mesh=())
    write(compiled("an old recipe"), tmp_path)
    (tmp_path / "note").write_text("from somebody", encoding="utf-8")

    assert complaints(tmp_path, [SHAPE, other]) == [
        "DFN-lumped-Chen2020-current-30x30x30x10x10.compiled was made of other versions or of other "
        "source: build it again",
        "DFN-lumped-Chen2020-current.compiled is missing: build it",
        "note is none of the catalogue: remove it",
    ]


def test_the_builds_check_names_a_library_that_nothing_uses(tmp_path: Path) -> None:
    write(compiled(recipe_sha256()), tmp_path)
    (tmp_path / f"{SHAPE.name}.so").write_bytes(b"machine code of an earlier build")

    assert complaints(tmp_path, [SHAPE]) == [f"{SHAPE.name}.so is none of the catalogue: remove it"]


def test_the_builds_check_has_nothing_to_say_of_what_is_new(tmp_path: Path) -> None:
    write(compiled(recipe_sha256()), tmp_path)

    assert complaints(tmp_path, [SHAPE]) == []


def test_the_builds_check_loads_the_libraries(tmp_path: Path) -> None:
    path = write(with_library(tmp_path, recipe_sha256()), tmp_path)

    (complaint,) = complaints(tmp_path, [SHAPE])

    assert complaint.startswith(f"{path.stem}.so cannot be loaded here: build it again (")
