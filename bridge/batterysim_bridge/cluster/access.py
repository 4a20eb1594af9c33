"""Whether a user may do something, by the user's own rights in the cluster.

The bridge acts with its own service account, so it asks first, for the same verb on the same object.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from contextlib import nullcontext

from async_lru import alru_cache

from batterysim import names
from batterysim_bridge.cluster.claimed import objection_to_token
from batterysim_bridge.cluster.cluster import Cluster, User
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.refusals import Refusals
from batterysim_bridge.http.problem import ACCESS_DENIED, NOT_AUTHENTICATED, ProblemError, no_such_simulation

READ_VERBS = frozenset({"get", "list", "watch"})
# A web page makes some requests at once, which need not be as many reviews of one token. A token that is
# withdrawn is good for this much longer.
REVIEW_SECONDS = 10.0
REVIEWS_KEPT = 1024


def bearer_token(headers: Mapping[str, str]) -> str | None:
    """Return the token of a request; None if it has neither header. Authorization wins over the other one.

    Raises:
        ProblemError: the header has no token in it.
    """
    authorization = headers.get("authorization", headers.get(names.PROXIED_AUTHORIZATION))
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated()
    return token.strip()


def unauthenticated() -> ProblemError:
    """Return the problem of a request without a token."""
    return ProblemError(NOT_AUTHENTICATED, "send the header 'Authorization: Bearer <token>'")


class Access:
    """Knows who may do what."""

    def __init__(
        self,
        cluster: Cluster,
        *,
        anonymous_read: bool = False,
        any_audience: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._cluster = cluster
        self._anonymous_read = anonymous_read
        self._audiences = (names.TOKEN_AUDIENCE, None) if any_audience else (names.TOKEN_AUDIENCE,)
        self._clock = clock
        self.refusals = Refusals(clock)
        # Tokens that were good, by their hashes: whoever else is behind their address does not hold them up.
        self._good: OrderedDict[bytes, None] = OrderedDict()
        self._review = alru_cache(maxsize=REVIEWS_KEPT, ttl=REVIEW_SECONDS, key=_review_key)(
            cluster.review_token
        )

    async def admit(self, token: str, address: str) -> None:
        """Return if a token is good, before anything else is done for its sender.

        address: where it comes from. After many tokens that were not good, no other is looked at for a while.

        Raises:
            ProblemError: it is not good, or too many were not.
        """
        if any(self._review.cache_contains(token, audience) for audience in self._audiences):
            await self.authenticate(token)
            return
        digest = _digest(token)
        async with nullcontext() if digest in self._good else self.refusals.one_more(address):
            try:
                await self.authenticate(token)
            except ProblemError:
                self._good.pop(digest, None)
                self.refusals.count(address)
                raise
        self._good[digest] = None
        self._good.move_to_end(digest)
        if len(self._good) > REVIEWS_KEPT:
            self._good.popitem(last=False)

    async def authenticate(self, token: str | None) -> User:
        """Return whose token it is: one for the bridge, or also for the API server if that is allowed.

        Raises:
            ProblemError: there is no token, or it is not good.
        """
        if token is None:
            raise unauthenticated()
        any_audience = None in self._audiences
        if objection := objection_to_token(token, self._clock(), any_audience=any_audience):
            raise ProblemError(NOT_AUTHENTICATED, objection)
        for audience in self._audiences:
            if (user := await self._review(token, audience)) is not None:
                return user
        raise ProblemError(
            NOT_AUTHENTICATED,
            f"the token is expired, or not from this cluster for the audience {names.TOKEN_AUDIENCE!r}",
        )

    async def tenant(self, token: str | None) -> str:
        """Return whose work a request is: of a service account its namespace.

        Raises:
            ProblemError: the token is not good.
        """
        return "" if token is None else (await self.authenticate(token)).tenant

    async def require(
        self,
        token: str | None,
        verb: str,
        namespace: str | None,
        name: str | None = None,
        resource: str = names.PLURAL,
    ) -> User | None:
        """Return the user, if the token's user may do this; None if anyone may.

        namespace: None for all namespaces; name: None for any object.
        resource: what kind of objects it is about.

        Raises:
            ProblemError: the token is not good, or the user may not.
        """
        if token is None and self._anonymous_read and verb in READ_VERBS:
            return None
        user = await self.authenticate(token)
        if not await self._cluster.may(user, verb, namespace, name, resource):
            where = "all namespaces" if namespace is None else f"namespace {namespace!r}"
            which = "" if name is None else f" {name!r}"
            raise ProblemError(
                ACCESS_DENIED,
                f"{user.username} needs the verb {verb!r} on {resource}.{names.GROUP}{which} in {where}",
            )
        return user

    async def simulation(self, token: str | None, verb: str, namespace: str, name: str) -> ObjectState:
        """Return a simulation as it is at this moment, if the token's user may do this to it.

        Raises:
            ProblemError: the token is not good, the user may not, or there is no such simulation.
        """
        if token is not None:
            await self.authenticate(token)  # before anything is read for it
        elif not self._anonymous_read:
            raise unauthenticated()
        _, simulation = await asyncio.gather(
            self.require(token, verb, namespace, name), self._cluster.state(namespace, name)
        )
        if simulation is None:
            raise no_such_simulation(namespace, name)
        return simulation


def _review_key(token: str, audience: str | None) -> Hashable:
    """Return what a review is remembered by, which is not the token."""
    return _digest(token), audience


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
