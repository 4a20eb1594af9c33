"""A Job Manager as the Java one is: it never learns from an error, and never gives up.

It takes three messages at a time from the queue, has each simulated, and hands the answer to the DB service
without reading it. Whatever is not a 2xx that the DB service takes goes back to the queue at once.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NamedTuple

import aio_pika
import httpx
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from tests.e2e.job_manager.db_service import MESSAGE_HEADER, DbService

AT_A_TIME = 3
READ_TIMEOUT_SECONDS = 60
CONNECT_SECONDS = 10
QUEUE = "simulations"
PATHS = {"cell": "/cell/simulate", "driveCycle": "/drivecycle/simulate"}


class Message(NamedTuple):
    """What the Queue Service puts into the queue."""

    message_id: str
    form: Mapping[str, Any]


class Answer(NamedTuple):
    """What came of a request: its status, or the name of an error; and after how long."""

    what: str
    seconds: float


class Progress:
    """What has become of the messages so far."""

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self.acknowledged: list[str] = []
        """The messages that have left the queue for good."""
        self.answers: list[Answer] = []
        """Everything that has been answered, or not."""

    async def until(self, condition: Callable[[], bool], timeout_seconds: float) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(timeout_seconds), self._changed:
            await self._changed.wait_for(condition)

    async def note_answer(self, answer: Answer) -> None:
        """Note an answer."""
        self.answers.append(answer)
        async with self._changed:
            self._changed.notify_all()

    async def note_acknowledged(self, message_id: str | None) -> None:
        """Note that a message is done with."""
        self.acknowledged.append(str(message_id))
        async with self._changed:
            self._changed.notify_all()


class JobManager:
    """One Job Manager."""

    def __init__(
        self, http: httpx.AsyncClient, bridge_url: str, database_url: str, progress: Progress
    ) -> None:
        self._http = http
        self._bridge_url = bridge_url
        self._database_url = database_url
        self._progress = progress

    async def work(self, connection: AbstractConnection) -> None:
        """Take messages until the connection to the queue is closed."""
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=AT_A_TIME)
        queue = await channel.get_queue(QUEUE)
        await queue.consume(self._handle)

    async def _handle(self, message: AbstractIncomingMessage) -> None:
        if await self._process(message):
            await message.ack()
            await self._progress.note_acknowledged(message.message_id)
        else:
            await message.nack(requeue=True)

    async def _process(self, message: AbstractIncomingMessage) -> bool:
        """Have a message simulated and stored; tell whether both went well."""
        path = PATHS[json.loads(message.body)["simulationType"]]
        began = time.monotonic()
        try:
            answer = await self._http.post(self._bridge_url + path, content=message.body)
        except httpx.HTTPError as error:
            await self._progress.note_answer(Answer(type(error).__name__, time.monotonic() - began))
            return False
        await self._progress.note_answer(Answer(str(answer.status_code), time.monotonic() - began))
        if not answer.is_success:
            return False
        stored = await self._http.post(
            f"{self._database_url}/createSimulation",
            content=answer.content,
            headers={MESSAGE_HEADER: str(message.message_id)},
        )
        return stored.is_success


@asynccontextmanager
async def working_job_managers(
    count: int, amqp_url: str, bridge_url: str, database: DbService, messages: Iterable[Message]
) -> AsyncIterator[Progress]:
    """Fill the queue, and let some Job Managers work on it."""
    progress = Progress()
    async with AsyncExitStack() as opened:
        await _fill_queue(amqp_url, messages)
        for _ in range(count):
            http = httpx.AsyncClient(
                timeout=httpx.Timeout(CONNECT_SECONDS, read=READ_TIMEOUT_SECONDS),
                headers={"Accept": "*/*", "Content-Type": "application/json"},
            )
            await opened.enter_async_context(http)
            connection = await opened.enter_async_context(await aio_pika.connect(amqp_url))
            await JobManager(http, bridge_url, database.url, progress).work(connection)
        yield progress


async def _fill_queue(amqp_url: str, messages: Iterable[Message]) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(QUEUE, durable=True)
        await queue.purge()
        for message in messages:
            content = aio_pika.Message(json.dumps(message.form).encode(), message_id=message.message_id)
            await channel.default_exchange.publish(content, routing_key=QUEUE)
