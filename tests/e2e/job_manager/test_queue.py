"""The existing system around ours: a real RabbitMQ, an endless Job Manager, a strict DB service."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from aiohttp import web
from devtools.kube import Kube
from devtools.node_port import bridge_at_node_port

from tests.e2e.job_manager.db_service import MESSAGE_HEADER, running_app, running_db_service
from tests.e2e.job_manager.managers import Message, working_job_managers
from tests.e2e.job_manager.messages import DISTINCT_RUNS, mixed
from tests.e2e.job_manager.rabbitmq import running_rabbitmq
from tests.e2e.job_manager.simulations import attempts, delete_all, names_of_all

MESSAGES = 100
LONGEST_SECONDS = 300
POINT = {"time": 0.0, "voltage": 4.1, "current": 5.0, "dcap": 0.0}
ANSWER: dict[str, Any] = {"jobStarted": True, "simulationType": "cell", "simulationResults": [POINT]}
FAILURE: dict[str, Any] = {"jobStarted": False, "simulationType": "cell", "simulationResults": None}


@pytest.fixture
def kube(kube: Kube) -> Iterator[Kube]:
    delete_all(kube)
    yield kube
    delete_all(kube)


@pytest.fixture(scope="module")
def amqp_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_rabbitmq(tmp_path_factory.mktemp("rabbitmq")) as url:
        yield url


async def test_a_hundred_messages_are_a_hundred_records_and_each_simulation_is_run_once(
    kube: Kube, amqp_url: str
) -> None:
    wanted = {f"message-{number}": form for number, form in enumerate(mixed(MESSAGES, seed=5))}
    messages = [form.message(identifier) for identifier, form in wanted.items()]

    with bridge_at_node_port(kube, "job-manager") as bridge:
        async with (
            running_db_service() as database,
            working_job_managers(1, amqp_url, bridge.url, database, messages) as progress,
        ):
            await progress.until(lambda: len(progress.acknowledged) == MESSAGES, LONGEST_SECONDS)

    assert database.refused == []
    assert sorted(progress.acknowledged) == sorted(wanted)
    assert sorted(item.message_id for item in database.stored) == sorted(wanted)
    for message_id, record in database.stored:
        wanted[message_id].check(record)
    assert len(names_of_all(kube)) == DISTINCT_RUNS
    assert attempts(kube) == dict.fromkeys(names_of_all(kube), 1)


async def test_the_tests_own_job_manager_repeats_until_the_db_service_takes_the_answer(amqp_url: str) -> None:
    answers = [
        web.json_response(status=503),
        web.json_response(ANSWER | {"id": "42"}),
        web.Response(status=404, text="no such page"),
        web.json_response(ANSWER),
    ]

    async def simulate(request: web.Request) -> web.Response:
        assert await request.json() == {"simulationType": "cell", "time": 1.0}
        return answers.pop(0)

    form = {"simulationType": "cell", "time": 1.0}
    async with (
        running_app({"/cell/simulate": simulate}) as url,
        running_db_service() as database,
        working_job_managers(1, amqp_url, url, database, [Message("one", form)]) as progress,
    ):
        await progress.until(lambda: progress.acknowledged == ["one"], 10)

    assert [answer.what for answer in progress.answers] == ["503", "200", "404", "200"]
    assert [item.message_id for item in database.stored] == ["one"]
    assert len(database.refused) == 1


@pytest.mark.parametrize("content", [ANSWER, FAILURE], ids=["points", "failure"])
async def test_the_tests_own_db_service_takes_what_the_original_answers(content: dict[str, Any]) -> None:
    assert await status_of_storing(json.dumps(content)) == 200


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ANSWER | {"id": "42"}),
        json.dumps(ANSWER | {"simulationResults": [POINT | {"temperature": 25.0}]}),
        json.dumps(ANSWER | {"simulationResults": [POINT | {"voltage": float("nan")}]}),
        json.dumps(ANSWER | {"simulationResults": [{"time": 0.0}]}),
        json.dumps({"jobStarted": True}),
        json.dumps(ANSWER | {"simulationType": "drivecycle"}),
        "",
    ],
)
async def test_the_tests_own_db_service_refuses_all_else(text: str) -> None:
    assert await status_of_storing(text) == 400


async def status_of_storing(text: str) -> int:
    async with running_db_service() as database, httpx.AsyncClient() as http:
        answer = await http.post(
            f"{database.url}/createSimulation", content=text, headers={MESSAGE_HEADER: "one"}
        )
        assert len(database.stored) == (answer.status_code == 200)
        return answer.status_code
