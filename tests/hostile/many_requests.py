"""A user's requests, as many at once as there are connections; each is worth five to the API server.

`python -m tests.hostile.many_requests URL TOKEN COUNT SECONDS` prints how many were answered, by status.
"""

import asyncio
import json
import sys
import time
from collections import Counter

import aiohttp

PATH = "/v1/rights?namespace=default"


async def ask(url: str, token: str, count: int, seconds: float) -> Counter[int]:
    """Ask over so many connections until the time is up; return the statuses, 0 for no answer."""
    answers: Counter[int] = Counter()
    deadline = time.monotonic() + seconds
    headers = {"Authorization": f"Bearer {token}"}

    async def one(session: aiohttp.ClientSession) -> None:
        while time.monotonic() < deadline:
            try:
                async with session.get(url + PATH, headers=headers) as answer:
                    await answer.read()
                    answers[answer.status] += 1
            except (OSError, TimeoutError, aiohttp.ClientError):
                answers[0] += 1
                await asyncio.sleep(0.1)

    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(count):
            group.create_task(one(session))
    return answers


if __name__ == "__main__":
    address, users_token, connections, duration = sys.argv[1:]
    print(json.dumps(asyncio.run(ask(address, users_token, int(connections), float(duration)))))
