"""Errors between a client and the cluster. Every message says what to do, in a line or two."""


class ClientError(Exception):
    """Anything below; nothing else but `InvalidSpecError` is raised on purpose."""


class ConfigurationError(ClientError):
    """It is not known how to reach the cluster or the bridge."""


class UnreachableError(ClientError):
    """There was no answer, or one that says to try again."""


class AccessError(ClientError):
    """The token or certificate is not good, or its user may not do this."""


class NotFoundError(ClientError):
    """There is no such simulation, namespace, result or log."""


class ConflictError(ClientError):
    """The name or the idempotency key belongs to something else, or the simulation is in the wrong state."""


class RefusedError(ClientError):
    """The request makes no sense to the server, such as a variable that the result does not have."""


class ServerWarning(UserWarning):
    """A remark of the server about what it has done, such as that of an admission policy."""


class WaitTimeoutError(ClientError, TimeoutError):
    """The simulation has not ended in time. It goes on."""
