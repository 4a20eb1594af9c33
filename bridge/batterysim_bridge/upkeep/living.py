"""The objects that a cluster has, as the API server says. A scope that it does not list hides no other."""

import logging
from collections.abc import Iterable

from batterysim_bridge.cluster.cluster import ClusterError, Objects
from batterysim_bridge.live.object_cache import Scope

logger = logging.getLogger(__name__)


async def living_uids(objects: Objects, scopes: Iterable[Scope]) -> dict[Scope, frozenset[str]]:
    """Return the UIDs that the API server has, of each scope that it lists for us.

    Raises:
        ClusterError: it lists none of them.
    """
    found: dict[Scope, frozenset[str]] = {}
    failed: ClusterError | None = None
    for scope in scopes:
        try:
            found[scope] = await objects.living_uids(scope)
        except ClusterError as error:  # a deleted namespace, perhaps; the others do not wait for it
            logger.warning("results of namespace %r are left alone: %s", scope, error)
            failed = error
    if failed is not None and not found:
        raise failed
    return found
