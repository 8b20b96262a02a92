"""Worlds for tests: what `kubectl get -o yaml` would print of a small cluster."""

from __future__ import annotations

from policy.lint.world import World, world_of
from policy.load import load
from policy.settings import AuthoringSettings

NODES = """\
apiVersion: v1
kind: Node
metadata: {name: worker1, labels: {kubernetes.io/hostname: worker1, zone: a}}
---
apiVersion: v1
kind: Node
metadata: {name: worker2, labels: {kubernetes.io/hostname: worker2, zone: b}}
"""
NAMESPACES = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: shop}}
---
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
"""
PODS = """\
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: shop
  labels: {app: web}
  annotations: {v1.multus-cni.io/default-network: kube-system/vlan1}
spec: {nodeName: worker1}
status: {phase: Running}
"""
NETWORKS = """\
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: vlan1, namespace: kube-system}
---
apiVersion: k8s.cni.cncf.io/v1
kind: NetworkAttachmentDefinition
metadata: {name: vlan2, namespace: shop}
"""


def deployment(
    name: str = "shop",
    labels: str = "app: web",
    replicas: int = 1,
    spec: str = "",
    template: str = "",
    annotations: str = "",
    kind: str = "Deployment",
) -> str:
    """A workload in namespace `shop`, with more lines below `spec:` and the template's `spec:`."""
    lines = [
        "apiVersion: apps/v1",
        f"kind: {kind}",
        f"metadata: {{name: {name}, namespace: shop}}",
        "spec:",
        *([] if kind == "DaemonSet" else [f"  replicas: {replicas}"]),
        *(f"  {line}" for line in spec.splitlines()),
        f"  selector: {{matchLabels: {{{labels}}}}}",
        "  template:",
        "    metadata:",
        f"      labels: {{{labels}}}",
        *(["      annotations:"] if annotations else []),
        *(f"        {line}" for line in annotations.splitlines()),
        f"    spec: {{{template}}}",
    ]
    return "\n".join(lines) + "\n"


def world(*texts: str, standalone: bool = False) -> World:
    """The world that manifests describe, all of each kind among them."""
    pairs = [(f"snapshot-{place}.yaml", text.encode()) for place, text in enumerate(texts)]
    return world_of(load(pairs, AuthoringSettings()), standalone=standalone)


SMALL = world(NODES, NAMESPACES, PODS, NETWORKS)
