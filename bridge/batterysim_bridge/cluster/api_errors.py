"""What the API server answers, in words of the bridge."""

from collections.abc import Iterator
from contextlib import contextmanager

from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_kube.errors import NO_ANSWER, ApiException, message_of


@contextmanager
def api_errors(doing: str) -> Iterator[None]:
    """Turn whatever a call of the API server raises into ClusterError.

    doing: completes "the API server did not …".
    """
    try:
        yield
    except ApiException as error:
        said = f"the API server did not {doing}: {error.status} {message_of(error)}"
        raise ClusterError(said, error.status) from error
    except NO_ANSWER as error:
        raise ClusterError(
            f"cannot {doing}: no answer from the API server ({type(error).__name__}: {error})"
        ) from error
