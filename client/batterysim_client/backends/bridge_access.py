"""How to get to the bridge through the API server, and with which token.

The API server's service proxy uses up Authorization, so the bridge's token goes into a header of its own. It
is one for the bridge alone: the user's own token opens the API server, and goes nowhere else.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import anyio

from batterysim import names
from batterysim_client.backends.http import Http
from batterysim_client.backends.result_server import Headers, ResultServer
from batterysim_client.errors import AccessError, ConfigurationError, NotFoundError
from batterysim_client.simulation import Simulation

PORT = 8084
TOKEN_SECONDS = 600
"""How long a token for the bridge is good: the API server's shortest."""
RENEW_SECONDS = 60.0
READER = "result-reader"
SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"


class BridgeAddress(NamedTuple):
    """The bridge's Service."""

    namespace: str
    service: str
    port: int = PORT
    is_tls: bool = False

    def __str__(self) -> str:
        return f"{self.namespace}/{self._port}"

    @property
    def proxy_path(self) -> str:
        """The path of the API server that leads to it."""
        return f"/api/v1/namespaces/{self.namespace}/services/{self._port}/proxy"

    @property
    def _port(self) -> str:
        return f"{'https:' if self.is_tls else ''}{self.service}:{self.port}"

    @property
    def reader(self) -> tuple[str, str]:
        """Namespace and name of the account that the chart makes for those who have no token of their own."""
        return self.namespace, f"{self.service.removesuffix('-bridge')}-{READER}"


DEFAULT_BRIDGE = BridgeAddress("batterysim-system", "batterysim-bridge")


def read_address(text: str) -> BridgeAddress:
    """Read NAMESPACE/SERVICE or NAMESPACE/SERVICE:PORT; with https: before SERVICE the bridge has TLS.

    Raises:
        ConfigurationError: it is neither.
    """
    namespace, _, rest = text.partition("/")
    is_tls = rest.startswith("https:")
    service, _, port = rest.removeprefix("https:").partition(":")
    if not (namespace and service) or "/" in rest or not (port or str(PORT)).isdecimal():
        raise ConfigurationError(
            f"--bridge is {text!r}: write NAMESPACE/SERVICE, as in {DEFAULT_BRIDGE.namespace}/"
            f"{DEFAULT_BRIDGE.service}"
        )
    return BridgeAddress(namespace, service, int(port or PORT), is_tls)


def address_in(uri: str) -> BridgeAddress | None:
    """Return the Service that a result's address names, None if it is outside of the cluster.

    >>> address_in("http://batterysim-bridge.batterysim-system.svc:8084/v1/simulations/default/cell/result")
    BridgeAddress(namespace='batterysim-system', service='batterysim-bridge', port=8084, is_tls=False)
    """
    split = urlsplit(uri)
    service, _, rest = (split.hostname or "").partition(".")
    namespace, _, domain = rest.partition(".")
    if not (service and namespace) or domain.partition(".")[0] != "svc":
        return None
    is_tls = split.scheme == "https"
    return BridgeAddress(namespace, service, split.port or (443 if is_tls else 80), is_tls)


def choose_address(named: BridgeAddress | None, uri: str | None) -> BridgeAddress:
    """Return the bridge to ask.

    named: by the user. uri: of the result, as the simulation's status has it.

    Raises:
        ConfigurationError: the result is somewhere else; the message says what to do.
    """
    if named is not None:
        return named
    found = DEFAULT_BRIDGE if uri is None else address_in(uri)
    if found is None:
        raise ConfigurationError(
            f"the bridge at {uri} is not a Service of the cluster: use --server with its URL, or --bridge"
        )
    return found


class OwnToken(NamedTuple):
    """What a user's own token says of itself."""

    is_for_bridge: bool
    account: tuple[str, str] | None
    """Namespace and name of the service account that it belongs to."""


def read_token(token: str) -> OwnToken:
    """Return what a token says of itself, if it is a JSON Web Token.

    >>> read_token("opaque")
    OwnToken(is_for_bridge=False, account=None)
    """
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        audiences = claims.get("aud", ())
        _, is_account, account = str(claims.get("sub", "")).partition(SERVICE_ACCOUNT_PREFIX)
    except (IndexError, binascii.Error, ValueError, AttributeError):
        return OwnToken(False, None)
    namespace, _, name = account.partition(":")
    return OwnToken(names.TOKEN_AUDIENCE in audiences, (namespace, name) if is_account else None)


class BridgeAccess:
    """Gives bridges, ready to be asked.

    token: returns the user's own token, None without one. It may block.
    named: the bridge that the user named; account: the ServiceAccount, as NAME or NAMESPACE/NAME.
    clock: gives the time as Unix time.
    """

    def __init__(
        self,
        http: Http,
        token: Callable[[], str | None],
        named: str | None,
        account: str | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._http = http
        self._token = token
        self._named = None if named is None else read_address(named)
        self._account = account
        self._clock = clock
        self._issued: dict[tuple[str, str], tuple[str, float]] = {}

    async def bridge_of(self, simulation: Simulation) -> ResultServer:
        """Return the bridge that has a simulation's result.

        Raises:
            ConfigurationError: it is not clear which one this is.
        """
        results = simulation.status.results
        return await self.bridge_at(None if results is None else results.uri)

    async def bridge_at(self, uri: str | None) -> ResultServer:
        """Return the bridge that has a result or a table of this address; None: it is not known yet.

        Raises:
            ConfigurationError: it is not clear which one this is.
        """
        address = choose_address(self._named, uri)

        async def headers() -> Headers:
            token = await self._token_for(address)
            return {names.PROXIED_AUTHORIZATION: f"Bearer {token}"}

        return ResultServer(self._http, address.proxy_path, headers)

    async def _token_for(self, address: BridgeAddress) -> str:
        """Return a token for the bridge that is good for a while.

        It is of the account that the user names, or else of the user's own account, or else of the reader
        that the chart makes.
        """
        namespace, name = address.reader
        if self._account:
            first, slash, second = self._account.partition("/")
            namespace, name = (first, second) if slash else (namespace, first)
        elif text := await anyio.to_thread.run_sync(self._token):
            own = read_token(text)
            if own.is_for_bridge:
                return text
            namespace, name = own.account or (namespace, name)
        token, expires = self._issued.get((namespace, name), ("", 0.0))
        if expires - self._clock() < RENEW_SECONDS:
            token, expires = await self._issue(namespace, name)
            self._issued[namespace, name] = token, expires
        return token

    async def _issue(self, namespace: str, name: str) -> tuple[str, float]:
        body = {"spec": {"audiences": [names.TOKEN_AUDIENCE], "expirationSeconds": TOKEN_SECONDS}}
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        try:
            answer = await self._http.json("POST", path, body=body)
        except (AccessError, NotFoundError) as error:
            raise type(error)(
                f"the bridge needs a token of its own, and you get none of {namespace}/{name}: set "
                "--service-account to one whose tokens you may create, or use --server with the token of "
                f"`kubectl create token ACCOUNT --audience {names.TOKEN_AUDIENCE}` ({error})"
            ) from error
        status = answer["status"]
        return status["token"], datetime.fromisoformat(status["expirationTimestamp"]).timestamp()
