"""Where the API server is, and how to prove who we are."""

from kubernetes.aio import client, config

from batterysim_kube.errors import NotConfiguredError

NO_LIMIT = 0
"""Each watch holds a connection of its own, for each kind and namespace: a limit would be a deadlock."""


async def open_api_client() -> client.ApiClient:
    """Return a client for the API server that the pod runs under, or else that of the kubeconfig.

    The API server need not be there yet. Close the client at the end.

    Raises:
        NotConfiguredError: there is no configuration.
    """
    configuration = client.Configuration(connection_pool_maxsize=NO_LIMIT)
    try:
        config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
    except config.ConfigException:
        try:
            await config.load_kube_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        except config.ConfigException as error:
            raise NotConfiguredError(f"not in a pod, and no kubeconfig: set KUBECONFIG ({error})") from error
    return client.ApiClient(configuration)
