"""What a form can offer: cells, models, drive cycles and experiments."""

from collections.abc import Iterator
from functools import cache
from typing import get_args

from fastapi import APIRouter, Response

from batterysim.catalogue.cell_kind import cell_kind
from batterysim.catalogue.model_descriptions import MODEL_DESCRIPTIONS
from batterysim.catalogue.parameter_names import NOMINAL_CAPACITY
from batterysim.catalogue.parameters import cell_base, cut_offs, drive_cycle
from batterysim.catalogue.preset import preset
from batterysim.contract import Contract
from batterysim.spec.cell import Cell, CellPreset, ParameterSet
from batterysim.spec.model import ModelFamily
from batterysim.spec.option_value import written
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES
from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from batterysim_bridge.api.experiment_presets import EXPERIMENT_PRESETS
from batterysim_bridge.api.openapi import tags
from batterysim_bridge.api.openapi.operation import operation, problems
from batterysim_bridge.bridge import CurrentBridge, OptionalToken
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_formats.compact_json import to_json


class CellOffer(Contract):
    """A cell that a spec can name."""

    field: str
    """Where the name goes in `spec.cell`: parameterSet or preset."""
    name: str
    """Its name."""
    title: str
    """What it is."""
    nominal_capacity_ampere_hours: float | None
    """The capacity that C-rates refer to."""
    lower_cutoff_volts: float | None
    """Where a discharge ends."""
    upper_cutoff_volts: float | None
    """Where a charge ends."""
    models: dict[str, dict[str, str | int]]
    """The model families that can solve it, and the `model.options` that each needs for that."""


class ModelOffer(Contract):
    """A model family."""

    name: str
    """Its name."""
    title: str
    """What it is."""


class DriveCycleOffer(Contract):
    """A drive cycle."""

    name: str
    """Its name."""
    duration_seconds: float
    """How long it takes."""
    needs_scale: bool
    """Whether it is of a whole vehicle, and has to be scaled to a cell."""


class ExperimentOffer(Contract):
    """An experiment to begin with."""

    name: str
    """What it is for."""
    steps: list[str]
    """Its steps in PyBaMM's words."""
    cycles: int
    """How often they are done."""


class Catalogue(Contract):
    """What a form can offer."""

    default_namespace: str
    """Where a simulation is created whose request names no namespace."""
    cells: list[CellOffer]
    """Cells, the premade ones first."""
    models: list[ModelOffer]
    """Model families."""
    protocols: list[str]
    """Names of the fields of `spec.protocol`."""
    protocol_titles: dict[str, str]
    """What each is called in a menu."""
    drive_cycles: list[DriveCycleOffer]
    """Drive cycles."""
    experiments: list[ExperimentOffer]
    """Experiments."""


router = APIRouter(tags=[tags.SIMULATIONS])


@router.get(
    "/v1/catalogue",
    **operation(
        "getCatalogue", "List cells, models, cycles", {200: {"model": Catalogue}, **problems(401, 503)}
    ),
)
async def get_catalogue(bridge: CurrentBridge, token: OptionalToken) -> Response:
    """Return the cells, models, drive cycles and experiments that a spec can name."""
    if not bridge.settings.api.anonymous_read:
        await bridge.access.authenticate(token)
    return Response(_content(bridge.settings.api.default_namespace), media_type=JSON_TYPE)


@cache
def _content(default_namespace: str) -> bytes:
    return to_json(
        Catalogue(
            default_namespace=default_namespace,
            cells=[*_premade_cells(), *_parameter_sets()],
            models=[ModelOffer(name=name, title=MODEL_DESCRIPTIONS[name]) for name in get_args(ModelFamily)],
            protocols=list(PROTOCOL_KINDS),
            protocol_titles={name: kind.title for name, kind in PROTOCOL_KINDS.items()},
            drive_cycles=[_drive_cycle(name) for name in DRIVE_CYCLES],
            experiments=[
                ExperimentOffer(name=item.name, steps=list(item.steps), cycles=item.cycles)
                for item in EXPERIMENT_PRESETS
            ],
        ).to_json_dict()
    )


def _premade_cells() -> Iterator[CellOffer]:
    for name in get_args(CellPreset):
        yield _offer(Cell(preset=name), "preset", name, preset(name).title)


def _parameter_sets() -> Iterator[CellOffer]:
    for name in get_args(ParameterSet):
        cell = Cell(parameter_set=name)
        yield _offer(cell, "parameterSet", name, cell_kind(cell).words)


def _offer(cell: Cell, field: str, name: str, title: str) -> CellOffer:
    lower, upper = cut_offs(cell)
    return CellOffer(
        field=field,
        name=name,
        title=title,
        nominal_capacity_ampere_hours=(cell_base(cell).defaults or {}).get(NOMINAL_CAPACITY),
        lower_cutoff_volts=lower,
        upper_cutoff_volts=upper,
        models={
            family: {name: written(value) for name, value in options.items()}
            for family, options in cell_kind(cell).models.items()
        },
    )


def _drive_cycle(name: str) -> DriveCycleOffer:
    return DriveCycleOffer(
        name=name,
        duration_seconds=drive_cycle(name).duration_seconds,
        needs_scale=DRIVE_CYCLES[name].needs_scale,
    )
