"""The catalogue: everything it offers is accepted when it is used."""

from typing import Any, get_args

import httpx
import pytest

from batterysim.checks.validation import parse_spec
from batterysim.spec.cell import CellPreset, ParameterSet
from batterysim.spec.protocols.drive_cycle import DRIVE_CYCLES
from batterysim_bridge.api.experiment_presets import EXPERIMENT_PRESETS, ExperimentPreset
from batterysim_bridge.app import create_app
from batterysim_bridge.settings import ApiSettings

from ..builders import READER_TOKEN, with_settings

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


@pytest.fixture
async def catalogue(client) -> dict[str, Any]:
    answer = await client.get("/v1/catalogue", headers=AS_READER)
    assert answer.status_code == 200
    return answer.json()


async def test_it_wants_a_token(client):
    assert (await client.get("/v1/catalogue")).status_code == 401


async def test_it_wants_none_where_everybody_may_read(bridge):
    opened = with_settings(bridge, api=ApiSettings(anonymous_read=True))
    transport = httpx.ASGITransport(create_app(opened))

    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as anyone:
        assert (await anyone.get("/v1/catalogue")).status_code == 200


async def test_every_cell_can_be_run_with_each_model_that_is_named_with_it(catalogue):
    assert {cell["name"] for cell in catalogue["cells"]} == {*get_args(CellPreset), *get_args(ParameterSet)}
    for cell in catalogue["cells"]:
        for family, options in cell["models"].items():
            spec = {
                "model": {"family": family, "options": options},
                "cell": {cell["field"]: cell["name"]},
                "protocol": {"rest": {"durationSeconds": 60}},
            }
            assert parse_spec(spec).cell.label == cell["name"]


async def test_a_cell_tells_its_capacity_and_its_limits(catalogue):
    chen = next(cell for cell in catalogue["cells"] if cell["name"] == "Chen2020")

    assert (chen["nominalCapacityAmpereHours"], chen["lowerCutoffVolts"], chen["upperCutoffVolts"]) == (
        5,
        2.5,
        4.2,
    )
    assert chen["title"] == "a cell of two electrodes"


async def test_drive_cycles_tell_how_long_they_are_and_which_need_a_scale(catalogue):
    cycles = {
        cycle["name"]: (cycle["durationSeconds"], cycle["needsScale"]) for cycle in catalogue["driveCycles"]
    }

    assert set(cycles) == set(DRIVE_CYCLES)
    assert cycles["US06"] == (600, False)
    assert cycles["WLTC"][1]


@pytest.mark.parametrize("preset", EXPERIMENT_PRESETS, ids=lambda preset: preset.name)
def test_every_experiment_can_be_run(preset: ExperimentPreset):
    experiment = {"steps": list(preset.steps), "cycles": preset.cycles}

    assert parse_spec({"cell": {"parameterSet": "Chen2020"}, "protocol": {"experiment": experiment}})
