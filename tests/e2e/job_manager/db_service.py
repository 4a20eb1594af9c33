"""The DB service that the Job Manager hands its answers to, as strict as the real one's parser."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

# Not the real one's: it tells the test which message a record is of, which nothing in a record does.
MESSAGE_HEADER = "X-Message-Id"
LARGEST_BODY_BYTES = 4 << 20


class Strict(BaseModel):
    """No field more, none less, no NaN, no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Point(Strict):
    """One line of the table of points."""

    time: float
    voltage: float
    current: float
    dcap: float


class Record(Strict):
    """One line of the table of simulations."""

    jobStarted: bool  # noqa: N815 - the database's own name, like the next ones
    simulationType: Literal["cell", "driveCycle"]  # noqa: N815
    simulationResults: list[Point] | None  # noqa: N815


class Stored(NamedTuple):
    """A record, and the message that it is of."""

    message_id: str
    record: Record


class DbService:
    """Serves `POST /createSimulation`."""

    def __init__(self) -> None:
        self.stored: list[Stored] = []
        self.refused: list[str] = []
        self.url = ""

    async def create_simulation(self, request: web.Request) -> web.Response:
        """Store a record; 400 if it is not one."""
        text = await request.text()
        try:
            record = Record.model_validate_json(text)
        except ValidationError as error:
            self.refused.append(f"{error}\n{text[:300]}")
            return web.json_response({"error": "Bad Request"}, status=400)
        self.stored.append(Stored(request.headers[MESSAGE_HEADER], record))
        return web.json_response({"id": len(self.stored)})


@asynccontextmanager
async def running_db_service() -> AsyncIterator[DbService]:
    """Run the service."""
    service = DbService()
    async with running_app({"/createSimulation": service.create_simulation}) as service.url:
        yield service


@asynccontextmanager
async def running_app(
    posts: Mapping[str, Callable[[web.Request], Awaitable[web.Response]]],
) -> AsyncIterator[str]:
    """Serve POSTs to some paths on a free port; yield the start of the URL."""
    app = web.Application(client_max_size=LARGEST_BODY_BYTES)
    app.router.add_routes([web.post(path, handler) for path, handler in posts.items()])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
