"""Every runner pod that there has been meanwhile, also those that are gone again."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from devtools.kube import Kube
from kubernetes import watch
from urllib3.exceptions import ProtocolError

from batterysim import names

RUNNERS = f"{names.LABEL_COMPONENT}={names.RUNNER_COMPONENT}"


class RunnerPods:
    """The pods of the runs of simulations whose name begins so, from now on."""

    def __init__(self, kube: Kube, prefix: str) -> None:
        self._kube = kube
        self._prefix = prefix
        before = kube.core.list_namespaced_pod(kube.namespace, label_selector=RUNNERS)
        self._since: str = before.metadata.resource_version
        self._seen: dict[str, str] = {}
        self._watch = watch.Watch()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run)

    @property
    def runs(self) -> Counter[str]:
        """How many pods each simulation has had, by its name."""
        return Counter(name for name in self._seen.values() if name.startswith(self._prefix))

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look for the last time."""
        self._watch.stop()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # else a pod could be missed without anybody's knowing
            self._error = error

    def _follow(self) -> None:
        events = self._watch.stream(
            self._kube.core.list_namespaced_pod,
            self._kube.namespace,
            label_selector=RUNNERS,
            resource_version=self._since,
        )
        # Stopping breaks the connection.
        with suppress(ProtocolError):
            for event in events:
                metadata = event["object"].metadata
                self._seen[metadata.name] = metadata.annotations[names.ANNOTATION_SIMULATION]


@contextmanager
def noted_runner_pods(kube: Kube, prefix: str) -> Iterator[RunnerPods]:
    """Note the runner pods that begin meanwhile."""
    pods = RunnerPods(kube, prefix)
    pods.start()
    try:
        yield pods
    finally:
        pods.stop()
