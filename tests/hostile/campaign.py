"""Sends hostile inputs on every road: to the API server as kubectl does, and to the bridge."""

import os
import threading
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import requests
from devtools.kube import Kube
from kubernetes.client import Configuration
from kubernetes.client.exceptions import ApiException

from batterysim import names

from .inputs import Input, inputs

PATIENCE_SECONDS = 30.0
POLL_SECONDS = 0.05
NICE = 10
"""An attacker is elsewhere, and takes none of the processors that operator and bridge have."""
STORED = (201, 202)
GONE = 404
ROADS = ("API server", "/v1/validate", "/v1/simulations")


class Outcome(NamedTuple):
    """What came of an input.

    status: of the answer over HTTP; 0: there was none. seconds: until the answer, or until the operator's
    verdict on what was stored. text: of the answer, or what went wrong.
    """

    kind: str
    road: str
    status: int
    seconds: float
    text: str


class Campaign:
    """Sends inputs into a namespace. token: of a user who may create simulations there."""

    def __init__(self, kube: Kube, bridge_url: str, token: str) -> None:
        self._kube = kube
        self._bridge_url = bridge_url
        self._token = token
        self.outcomes: list[Outcome] = []

    def run(self, inputs: Iterable[Input]) -> None:
        """Send each input on one of the roads, which are used at the same time."""
        shares: list[list[Input]] = [[] for _ in ROADS]
        for number, item in enumerate(inputs):
            # Ten kinds take turns: so each comes on each road.
            shares[(number + number // 10) % len(ROADS)].append(item)
        threads = [
            threading.Thread(target=self._go, args=(road, share))
            for road, share in zip(ROADS, shares, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _go(self, road: str, items: list[Input]) -> None:
        session = _api_server() if road == "API server" else requests.Session()
        for item in items:
            began = time.monotonic()
            try:
                status, text = self._send(session, road, item)
            except requests.RequestException as error:
                status, text = 0, str(error)
            self.outcomes.append(Outcome(item.kind, road, status, time.monotonic() - began, text))

    def _send(self, session: requests.Session, road: str, item: Input) -> tuple[int, str]:
        if road == "API server":
            host = Configuration.get_default_copy().host
            answer = session.post(
                f"{host}/apis/{names.API_VERSION}/namespaces/{self._kube.namespace}/{names.PLURAL}",
                # Strict, as kubectl asks for, stores less; with Warn come more headers than Python reads.
                params={"fieldValidation": "Ignore"},
                data=item.body,
                headers={"Content-Type": "application/json"},
                timeout=PATIENCE_SECONDS,
            )
        else:
            headers = {"Content-Type": _media_type(item), "Authorization": f"Bearer {self._token}"}
            answer = session.post(
                f"{self._bridge_url}{road}?namespace={self._kube.namespace}",
                data=item.body,
                headers=headers,
                timeout=PATIENCE_SECONDS,
            )
        if answer.status_code not in STORED:
            return answer.status_code, answer.text[:2000]
        return self._verdict(answer.status_code, answer.json())

    def _verdict(self, answered: int, created: dict[str, Any]) -> tuple[int, str]:
        """Return what the operator says of an object, which then goes; an end may be long in coming."""
        name = str(created["metadata"]["name"])
        deadline = time.monotonic() + PATIENCE_SECONDS
        try:
            while time.monotonic() < deadline:
                status = self._kube.get(name).get("status") or {}
                if "phase" in status:
                    return answered, str(status["phase"])
                time.sleep(POLL_SECONDS)
            return 0, f"{name} was not looked at"
        except ApiException as error:
            if error.status == GONE:  # it had an owner that does not exist
                return answered, "collected"
            return 0, f"{name}: {error.status}"
        finally:
            self._kube.delete(name)


def attack(namespace: str, bridge_url: str, token: str, seed: int, count: int) -> list[Outcome]:
    """Send generated inputs from a process of its own, which gives way to everything else on this machine."""
    os.nice(NICE)
    campaign = Campaign(Kube(namespace), bridge_url, token)
    campaign.run(inputs(seed, count))
    return campaign.outcomes


def _media_type(item: Input) -> str:
    return "application/yaml" if item.kind == "no object" and len(item.body) % 2 else "application/json"


def _api_server() -> requests.Session:
    configuration = Configuration.get_default_copy()
    session = requests.Session()
    session.trust_env = False
    session.verify = configuration.ssl_ca_cert
    session.cert = (configuration.cert_file, configuration.key_file)
    return session
