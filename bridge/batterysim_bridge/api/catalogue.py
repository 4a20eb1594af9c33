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
from batterysim.spec.cell import Cell, CellPreset, ParameterSet
from batterysim.spec.model import ModelFamily
from batterysim.spec.option_value import written
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES
from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from batterysim_bridge.api.experiment_presets import EXPERIMENT_PRESETS
from batterysim_bridge.api.offers import Catalogue, CellOffer, DriveCycleOffer, ExperimentOffer, ModelOffer
from batterysim_bridge.api.openapi import tags
from batterysim_bridge.api.openapi.operation import answer, operation, problems
from batterysim_bridge.bridge import CurrentBridge, OptionalToken
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_formats.compact_json import to_json

router = APIRouter(tags=[tags.SIMULATIONS])


@router.get(
    "/v1/catalogue",
    **operation("getCatalogue", "List cells, models, cycles", {200: answer(Catalogue), **problems(401, 503)}),
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
