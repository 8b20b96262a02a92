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
metadata: {name: web-0, namespace: shop, labels: {app: web}}
spec: {nodeName: worker1}
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


def world(*texts: str, standalone: bool = False) -> World:
    """The world that manifests describe, all of each kind among them."""
    pairs = [(f"snapshot-{place}.yaml", text.encode()) for place, text in enumerate(texts)]
    return world_of(load(pairs, AuthoringSettings()), standalone=standalone)


SMALL = world(NODES, NAMESPACES, PODS, NETWORKS)
