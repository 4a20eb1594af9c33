"""The host's way to the bridge: for work, signs of life, and words about attempts without a result."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from urllib3 import BaseHTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from batterysim.names import heartbeat_path, outcome_path, work_path
from batterysim_runner.host.settings import HostSettings
from batterysim_runner.host.work import Work
from batterysim_runner.pod.connection import root_cause
from batterysim_runner.pod.patience import Verdict, judge

WAIT_SECONDS = 5.0
"""How long the bridge may keep a request for work: so long a host that is told to end goes on asking."""
TIMEOUT = Timeout(connect=5, read=30)
ONCE = Retry(total=0, raise_on_status=False)
FROM_THE_BRIDGE = ("namespace", "name", "uid", "attempt", "credential", "spec")

Attempt = tuple[str, str, int]
"""Name and UID of a simulation, and which attempt it is."""


class BridgeAwayError(Exception):
    """The bridge cannot be reached, or cannot do it now. The message says why."""


class HostClient:
    """Talks to the bridge as this host. May be used from several threads.

    process: which process this is, by a random number in hexadecimal.
    """

    def __init__(self, settings: HostSettings, process: str) -> None:
        self._settings = settings
        self._process = process
        self._pool = PoolManager(maxsize=2 * settings.concurrency + 2, ca_cert_data=settings.bridge_ca)

    def take(self) -> Work | None:
        """Return a simulation, which is this host's from then on; None: there was none for a while.

        Raises:
            BridgeAwayError: ask again after a pause.
        """
        body = {"process": self._process, "waitSeconds": WAIT_SECONDS}
        response = self._send("POST", work_path(self._settings.namespace), body)
        if response.status == HTTPStatus.NO_CONTENT:
            return None
        document = response.json()
        return Work(
            **{field: document[field] for field in FROM_THE_BRIDGE},
            seconds_left=document["secondsLeft"],
            bridge_url=self._settings.bridge_url,
            image=self._settings.image,
            pod_name=self._settings.pod_name,
            bridge_ca=self._settings.bridge_ca,
        )

    def beat(self, attempts: Iterable[Attempt]) -> set[tuple[str, int]]:
        """Say that this host is there and what it has; return UID and number of the attempts to stop.

        Raises:
            BridgeAwayError: it was not heard.
        """
        listed = [{"name": name, "uid": uid, "attempt": number} for name, uid, number in attempts]
        path = heartbeat_path(self._settings.namespace)
        response = self._send("POST", path, {"process": self._process, "attempts": listed})
        return {(item["uid"], item["attempt"]) for item in response.json()["stop"]}

    def end(self, work: Work, exit_code: int, reason: str, message: str) -> None:
        """Say how an attempt ended without a result. An attempt that is over needs no words.

        Raises:
            BridgeAwayError: it was not heard.
        """
        body = {"exitCode": exit_code, "reason": reason, "message": message}
        self._send("PUT", outcome_path(work.namespace, work.name), body, work.credential)

    def _send(self, method: str, path: str, body: object, token: str | None = None) -> BaseHTTPResponse:
        try:
            response = self._pool.request(
                method,
                self._settings.bridge_url.rstrip("/") + path,
                body=json.dumps(body).encode(),
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {token or self._settings.read_token()}",
                },
                timeout=TIMEOUT,
                retries=ONCE,
                redirect=False,
            )
        except (HTTPError, OSError) as error:
            raise BridgeAwayError(f"the bridge could not be reached: {root_cause(error)}") from error
        if judge(response) is Verdict.TAKEN or (token is not None and judge(response) is Verdict.NEVER):
            return response
        raise BridgeAwayError(f"the bridge answered {response.status}: {_words(response)}")


def _words(response: BaseHTTPResponse) -> str:
    try:
        document: dict[str, Any] = response.json()
        return str(document["detail"])
    except (ValueError, LookupError, TypeError):
        return response.data.decode("utf-8", "replace")[:200]
