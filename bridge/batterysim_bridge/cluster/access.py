"""Whether a user may do something, by the user's own rights in the cluster.

The bridge acts with its own service account, so it asks first, for the same verb on the same object.
"""

import asyncio
import hashlib
from collections.abc import Hashable, Mapping

from async_lru import alru_cache

from batterysim import names
from batterysim_bridge.cluster.cluster import Cluster, User
from batterysim_bridge.http.problem import ACCESS_DENIED, NOT_AUTHENTICATED, ProblemError, no_such_simulation
from batterysim_bridge.live.simulation import Simulation

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

    def __init__(self, cluster: Cluster, *, anonymous_read: bool) -> None:
        self._cluster = cluster
        self._anonymous_read = anonymous_read
        self._review = alru_cache(maxsize=REVIEWS_KEPT, ttl=REVIEW_SECONDS, key=_review_key)(
            cluster.review_token
        )

    async def authenticate(self, token: str | None) -> User:
        """Return whose token it is. Tokens for the bridge and for the API server itself are both good.

        Raises:
            ProblemError: there is no token, or it is not good.
        """
        if token is None:
            raise unauthenticated()
        user = await self._review(token, names.TOKEN_AUDIENCE) or await self._review(token, None)
        if user is None:
            raise ProblemError(NOT_AUTHENTICATED, "the token is expired, or not one of this cluster")
        return user

    async def require(
        self, token: str | None, verb: str, namespace: str | None, name: str | None = None
    ) -> User | None:
        """Return the user, if the token's user may do this; None if anyone may.

        namespace: None for all namespaces; name: None for any object.

        Raises:
            ProblemError: the token is not good, or the user may not.
        """
        if token is None and self._anonymous_read and verb in READ_VERBS:
            return None
        user = await self.authenticate(token)
        if not await self._cluster.may(user, verb, namespace, name):
            where = "all namespaces" if namespace is None else f"namespace {namespace!r}"
            which = "" if name is None else f" {name!r}"
            raise ProblemError(
                ACCESS_DENIED,
                f"{user.username} needs the verb {verb!r} on {names.PLURAL}.{names.GROUP}{which} in {where}",
            )
        return user

    async def simulation(self, token: str | None, verb: str, namespace: str, name: str) -> Simulation:
        """Return a simulation as it is at this moment, if the token's user may do this to it.

        Raises:
            ProblemError: the token is not good, the user may not, or there is no such simulation.
        """
        _, simulation = await asyncio.gather(
            self.require(token, verb, namespace, name), self._cluster.simulation(namespace, name)
        )
        if simulation is None:
            raise no_such_simulation(namespace, name)
        return simulation


def _review_key(token: str, audience: str | None) -> Hashable:
    """Return what a review is remembered by, which is not the token."""
    return hashlib.sha256(token.encode()).digest(), audience
