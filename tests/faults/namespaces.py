"""Namespaces for a campaign, which are empty at its beginning and gone at its end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from devtools.kube import Kube
from kubernetes.client.exceptions import ApiException


@contextmanager
def fresh_namespace(kube: Kube) -> Iterator[None]:
    """Have the namespace of `kube` for the time of a block."""
    delete_namespace(kube)
    kube.core.create_namespace({"metadata": {"name": kube.namespace}})
    try:
        yield
    finally:
        delete_namespace(kube)


def delete_namespace(kube: Kube) -> None:
    """Delete the namespace of `kube`, and wait until it is gone."""
    try:
        kube.core.delete_namespace(kube.namespace)
        while kube.core.read_namespace(kube.namespace):
            time.sleep(0.5)
    except ApiException as error:
        if error.status != 404:
            raise
