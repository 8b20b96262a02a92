"""The Pods that the seed's workloads want, as manifests for a store."""

from __future__ import annotations

import json
from pathlib import Path

from model.facts import PodFacts
from model.facts_json import node_from_json
from policy.load import load
from policy.settings import AuthoringSettings
from policy.workloads import expand


def pods_of(folder: Path) -> list[PodFacts]:
    """The planned Pods of an example folder, each on its node."""
    texts = [(str(path), path.read_bytes()) for path in sorted(folder.glob("*.yaml"))]
    loaded = load(texts, AuthoringSettings())
    nodes = [node_from_json(record.facts) for record in loaded.objects if record.kind == "Node"]
    return [pod.facts for pod in expand(loaded.objects, nodes)]


def manifest_of(pod: PodFacts) -> str:
    """A Pod as the API server would hand it to the store."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": pod.name,
                "namespace": pod.namespace,
                "uid": pod.uid,
                "labels": dict(pod.labels),
                "annotations": dict(pod.annotations),
            },
            "spec": {"nodeName": pod.node_name},
        }
    )
