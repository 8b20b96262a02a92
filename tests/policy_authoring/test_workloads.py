"""Workloads to Pods: which, how many, with what, and where."""

from __future__ import annotations

import re

from model.facts import NodeFacts
from policy.workloads import PlannedPod, expand
from tests.policy_authoring.loading import loaded

NODES = [
    NodeFacts("node10", {"disk": "ssd"}),
    NodeFacts("node2", {"disk": "ssd", "zone": "a"}),
    NodeFacts("node1", {"zone": "a"}),
]
SAFE = "[bcdfghjklmnpqrstvwxz2456789]"


def workload(kind: str, spec: str = "", template: str = "", name: str = "web") -> str:
    version = "batch/v1" if kind == "Job" else "apps/v1"
    selector = "" if kind == "Job" else "  selector: {matchLabels: {app: web}}\n"
    return (
        f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n"
        f"{selector}{spec}"
        "  template:\n    metadata: {labels: {app: web}, annotations: {note: 'yes'}}\n"
        f"    spec: {{{template}}}\n"
    )


def pod(name: str, owner: str = "", more: str = "") -> str:
    owners = f", ownerReferences: [{{{owner}, controller: true}}]" if owner else ""
    labels = "labels: {app: web, pod-template-hash: abc}"
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, {labels}{owners}}}\n"
        f"spec: {{{more}}}\n"
    )


def pods_of(*texts: str, nodes: list[NodeFacts] | None = None) -> list[PlannedPod]:
    return expand(loaded("---\n".join(texts)).objects, NODES if nodes is None else nodes)


def placed(pods: list[PlannedPod]) -> list[tuple[str, str]]:
    return [(one.facts.name, one.facts.node_name) for one in pods]


def test_a_deployment_makes_pods_of_a_replica_set_named_by_its_template() -> None:
    pods = pods_of(workload("Deployment", "  replicas: 2\n"))
    assert len({one.facts.name for one in pods}) == len({one.facts.uid for one in pods}) == 2
    facts = pods[0].facts
    digest = facts.labels["pod-template-hash"]
    assert re.fullmatch(f"{SAFE}{{10}}", digest)
    assert re.fullmatch(f"web-{digest}-{SAFE}{{5}}", facts.name)
    assert (facts.owner_kind, facts.owner_name) == ("ReplicaSet", f"web-{digest}")
    assert facts.labels == {"app": "web", "pod-template-hash": digest}
    assert facts.annotations == {"note": "yes"}
    assert facts.namespace == "shop"
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", facts.uid
    )


def test_the_same_manifests_give_the_same_pods_and_another_template_other_names() -> None:
    text = workload("Deployment", "  replicas: 3\n")
    assert pods_of(text) == pods_of(text)
    other = workload("Deployment", "  replicas: 3\n", "hostNetwork: false")
    assert {one.facts.name for one in pods_of(text)}.isdisjoint(
        one.facts.name for one in pods_of(other)
    )


def test_replicas_are_one_by_default_and_may_be_none() -> None:
    assert len(pods_of(workload("ReplicaSet"))) == 1
    assert len(pods_of(workload("ReplicaSet", "  replicas: null\n"))) == 1
    assert pods_of(workload("StatefulSet", "  replicas: 0\n")) == []


def test_a_stateful_set_numbers_its_pods_from_its_first_ordinal() -> None:
    pods = pods_of(workload("StatefulSet", "  replicas: 2\n  ordinals: {start: 5}\n"))
    assert [one.facts.name for one in pods] == ["web-5", "web-6"]
    assert pods[0].facts.labels == {
        "app": "web",
        "apps.kubernetes.io/pod-index": "5",
        "statefulset.kubernetes.io/pod-name": "web-5",
    }
    assert (pods[0].facts.owner_kind, pods[0].facts.owner_name) == ("StatefulSet", "web")


def test_a_daemon_set_has_one_pod_on_each_node_that_passes() -> None:
    pods = pods_of(workload("DaemonSet"))
    assert [one.facts.node_name for one in pods] == ["node1", "node2", "node10"]
    assert all(re.fullmatch(f"web-{SAFE}{{5}}", one.facts.name) for one in pods)
    pods = pods_of(workload("DaemonSet", template="nodeSelector: {disk: ssd}"))
    assert [one.facts.node_name for one in pods] == ["node2", "node10"]
    pods = pods_of(workload("DaemonSet", template="nodeName: node2"))
    assert [one.facts.node_name for one in pods] == ["node2"]


def test_a_job_makes_as_many_pods_as_run_at_once() -> None:
    counts = {
        "": 1,
        "  completions: 5\n": 1,
        "  parallelism: 3\n": 3,
        "  completions: 2\n  parallelism: 3\n": 2,
        "  completions: 5\n  parallelism: 3\n": 3,
        "  parallelism: 0\n": 0,
    }
    assert {spec: len(pods_of(workload("Job", spec))) for spec in counts} == counts
    assert pods_of(workload("Job"))[0].facts.labels["job-name"] == "web"


def test_pods_go_to_the_node_with_fewest_pods_and_ties_to_the_first_name() -> None:
    pods = pods_of(pod("a", more="nodeName: node1"), workload("StatefulSet", "  replicas: 4\n"))
    assert placed(pods) == [
        ("a", "node1"),
        ("web-0", "node2"),
        ("web-1", "node10"),
        ("web-2", "node1"),
        ("web-3", "node2"),
    ]


def test_a_node_selector_leaves_out_nodes_and_a_node_name_is_taken_as_it_is() -> None:
    assert placed(pods_of(pod("a", more="nodeSelector: {zone: a, disk: ssd}"))) == [("a", "node2")]
    assert placed(pods_of(pod("a", more="nodeName: elsewhere"))) == [("a", "elsewhere")]


def test_a_pod_that_no_node_takes_has_the_reason() -> None:
    (one,) = pods_of(pod("a", more="nodeSelector: {zone: b, disk: ssd}"))
    assert (one.facts.node_name, one.reason) == (
        "",
        "no Node has the labels `disk=ssd, zone=b` of its nodeSelector",
    )
    (one,) = pods_of(pod("a"), nodes=[])
    assert (one.facts.node_name, one.reason) == ("", "there is no Node; add a manifest of one")


def test_a_long_name_is_cut_so_that_the_pod_has_at_most_63_characters() -> None:
    (one,) = pods_of(workload("ReplicaSet", name="w" * 80))
    assert len(one.facts.name) == 63


def test_pods_that_are_there_count_for_their_workload() -> None:
    owned = pod("web-abc-1", "kind: ReplicaSet, name: web-abc", "nodeName: node1")
    pods = pods_of(owned, workload("Deployment", "  replicas: 2\n"))
    assert len(pods) == 2
    assert pods[0].facts.name == "web-abc-1"
    pods = pods_of(
        pod("web-1", "kind: StatefulSet, name: web", "nodeName: node1"),
        workload("StatefulSet", "  replicas: 3\n"),
    )
    assert placed(pods) == [("web-1", "node1"), ("web-0", "node2"), ("web-2", "node10")]
    daemon = pod("web-x", "kind: DaemonSet, name: web", "nodeName: node2")
    pods = pods_of(daemon, workload("DaemonSet"))
    assert [one.facts.node_name for one in pods] == ["node2", "node1", "node10"]


def test_a_replica_set_of_a_given_deployment_makes_no_pods_of_its_own() -> None:
    replica_set = workload("ReplicaSet", name="web-abc").replace(
        "namespace: shop}",
        "namespace: shop, ownerReferences: [{kind: Deployment, name: web, controller: true}]}",
    )
    assert len(pods_of(workload("Deployment"), replica_set)) == 1
    assert len(pods_of(replica_set)) == 1


def test_an_ended_pod_takes_no_place() -> None:
    ended = pod("a", more="nodeName: node1, restartPolicy: Never") + "status: {phase: Failed}\n"
    pods = pods_of(ended, pod("b"))
    assert placed(pods) == [("a", "node1"), ("b", "node1")]
