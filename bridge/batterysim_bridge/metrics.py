"""Prometheus metrics of the bridge."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from batterysim_bridge.cluster.cluster import ClusterError
from batterysim_bridge.http.problem import CLUSTER_UNAVAILABLE, INTERNAL, ProblemError
from batterysim_kube.skipping import SKIPPED

STORED = "stored"


class Metrics:
    """The bridge's metrics, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(SKIPPED)
        self.uploads = Counter(
            "batterysim_bridge_uploads",
            "Uploads of results, by outcome: stored, or the kind of problem.",
            ["outcome"],
            registry=self.registry,
        )
        self.upload_bytes = Counter(
            "batterysim_bridge_upload_bytes",
            "Bytes of results that were stored.",
            registry=self.registry,
        )
        self.upload_seconds = Histogram(
            "batterysim_bridge_upload_seconds",
            "Time from an upload's headers to its answer, when stored.",
            registry=self.registry,
        )
        self.store_results = Gauge(
            "batterysim_bridge_store_results",
            "Results in the store, at the last cleanup.",
            registry=self.registry,
        )
        self.store_bytes = Gauge(
            "batterysim_bridge_store_bytes",
            "Bytes of results in the store, at the last cleanup.",
            registry=self.registry,
        )
        self.orphans = Gauge(
            "batterysim_bridge_orphans",
            "Stored results whose simulation is gone, at the last cleanup: not due yet, or kept for a "
            "reason that the log says.",
            ["state"],
            registry=self.registry,
        )
        self.up = Gauge(
            "batterysim_bridge_up",
            "Whether what the bridge depends on works, at the last check: 1 or 0.",
            ["part"],
            registry=self.registry,
        )
        self.removed_results = Counter(
            "batterysim_bridge_removed_results",
            "Results that retention removed, by the limit that they exceeded: age, size, or their own time.",
            ["reason"],
            registry=self.registry,
        )
        self.deleted_simulations = Counter(
            "batterysim_bridge_deleted_simulations",
            "Ended simulations that were deleted, by the limit that they exceeded: time or number.",
            ["reason"],
            registry=self.registry,
        )
        self.deleted_sweeps = Counter(
            "batterysim_bridge_deleted_sweeps",
            "Ended sweeps that were deleted, by the limit that they exceeded: time or number.",
            ["reason"],
            registry=self.registry,
        )

    @contextmanager
    def count_upload(self) -> Iterator[None]:
        """Count one upload by how the block ends, and time it if it ends well."""
        started = time.perf_counter()
        outcome = INTERNAL.slug
        try:
            yield
            outcome = STORED
            self.upload_seconds.observe(time.perf_counter() - started)
        except ProblemError as problem:
            outcome = problem.kind.slug
            raise
        except ClusterError:
            outcome = CLUSTER_UNAVAILABLE.slug
            raise
        finally:
            self.uploads.labels(outcome).inc()
