"""Creating a Job, which a quota, a policy or a webhook may not admit."""

import logging

from batterysim.process.logs import about
from batterysim_kube.api_server import Json
from batterysim_kube.errors import ApiException
from batterysim_operator.control.cluster import Cluster
from batterysim_operator.control.refusal import refusal_of
from batterysim_operator.control.workqueue import Key
from batterysim_operator.reconcile.observation import Refusal

logger = logging.getLogger(__name__)


async def create_job(cluster: Cluster, manifest: Json, key: Key) -> Refusal | None:
    """Create a Job; return why the API server does not take it, if it says so.

    key: whose Job it is.

    Raises:
        ApiException: the API server did not answer as it should, which has nothing to do with this Job.
    """
    try:
        await cluster.create_job(manifest)
    except ApiException as error:
        if (refusal := refusal_of(error)) is None:
            raise
        logger.info("Job not admitted: %s", refusal.message, extra=about(*key))
        return refusal
    logger.info("created Job %s", manifest["metadata"]["name"], extra=about(*key))
    return None
