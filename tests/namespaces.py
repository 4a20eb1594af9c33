"""Namespaces on a real cluster, which are empty at the beginning of a test."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from devtools.kube import Kube
from kubernetes.client.exceptions import ApiException


@contextmanager
def fresh_namespace(kube: Kube) -> Iterator[None]:
    """Have the namespace of `kube` for the time of a block."""
    remove_namespace(kube)
    kube.core.create_namespace({"metadata": {"name": kube.namespace}})
    try:
        yield
    finally:
        remove_namespace(kube)


def remove_namespace(kube: Kube) -> None:
    """Delete the namespace of `kube`, if it is there, and wait until it is gone."""
    try:
        kube.core.delete_namespace(kube.namespace)
        while kube.core.read_namespace(kube.namespace):
            time.sleep(0.5)
    except ApiException as error:
        if error.status != 404:
            raise
