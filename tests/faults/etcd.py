"""Snapshots of the local cluster's etcd: the nodes of kind are containers, so its data is a folder of one."""

import subprocess
import time

from devtools.kube import Kube
from kubernetes.client.exceptions import ApiException
from urllib3.exceptions import HTTPError

from batterysim import names

DATA, SNAPSHOT, LOST = "/var/lib/etcd", "/var/lib/etcd-snapshot", "/var/lib/etcd-lost"
MANIFESTS, STOPPED = "/etc/kubernetes/manifests", "/etc/kubernetes/stopped"
# Frozen, its files are what a crash would leave, and etcd starts from those.
TAKE = f"""
pid=$(pgrep -x etcd)
trap 'kill -CONT $pid' EXIT
kill -STOP $pid
rm -rf {SNAPSHOT} {LOST}
cp -a {DATA} {SNAPSHOT}
"""
# Everything of the control plane begins again, as Kubernetes wants it after a restoration.
RESTORE = f"""
mkdir -p {STOPPED}
mv {MANIFESTS}/*.yaml {STOPPED}/
while pgrep -x 'etcd|kube-apiserver|kube-controller|kube-scheduler' >/dev/null; do sleep 0.2; done
mv {DATA} {LOST}
mv {SNAPSHOT} {DATA}
mv {STOPPED}/*.yaml {MANIFESTS}/
systemctl restart kubelet
"""
CLIENTS = (("kube-system", "daemonset/kube-proxy"), ("kube-system", "deployment/coredns"))
LONGEST_SECONDS = 300


def take_snapshot(kube: Kube) -> None:
    """Take a snapshot of etcd, which stands still for a second or two."""
    _on_node(kube.core.list_node().items[0].metadata.name, TAKE)


def restore_snapshot(kube: Kube) -> None:
    """Put the cluster back to its snapshot, and wait until it answers."""
    _on_node(kube.core.list_node().items[0].metadata.name, RESTORE)
    deadline = time.monotonic() + LONGEST_SECONDS
    while not _answers(kube):
        assert time.monotonic() < deadline, "the API server has not come back"
        time.sleep(0.5)
    for namespace, workload in CLIENTS:
        _run("kubectl", "-n", namespace, "rollout", "restart", workload)


def _answers(kube: Kube) -> bool:
    try:
        kube.objects.list_cluster_custom_object(names.GROUP, names.VERSION, names.PLURAL, limit=1)
    except (ApiException, HTTPError):
        return False
    return True


def _on_node(node: str, script: str) -> None:
    _run("docker", "exec", node, "bash", "-euc", script)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
