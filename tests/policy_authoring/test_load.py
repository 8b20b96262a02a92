"""Everything that is given at once: pools, objects, what is skipped, what stands twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.errors import InvalidManifestsError
from model.pools import Conflict
from policy.conflicts import conflict_error
from policy.load import load
from policy.settings import AuthoringSettings
from tests.policy_authoring.loading import POOL, errors_of, loaded

ROOT = Path(__file__).parent.parent.parent
SEED = ROOT / "tests" / "cases" / "seed-manifests.yaml"
EXAMPLES = sorted((ROOT / "examples").rglob("*.yaml"))


def test_every_manifest_of_the_seed_loads() -> None:
    documents = SEED.read_text(encoding="utf-8").split("\n---\n")
    pools, objects = [], []
    for text in documents:
        found = loaded(text)
        pools += [record.name for record in found.pools]
        objects += [(record.kind, record.name) for record in found.objects]
        assert found.skipped == []
    assert sorted(set(pools)) == [
        "shared-static-ipv4-ippool",
        "test-ippool-eth0",
        "test-ippool-eth1",
        "test-node1-ippool",
        "test-ns1-ippool",
        "test-pod-ippool",
    ]
    assert objects == [
        ("Deployment", "test-app-3"),
        ("Deployment", "test-unmatch-labels"),
        ("Deployment", "shared-static-ippool-deploy-1"),
        ("Deployment", "shared-static-ippool-deploy-2"),
        ("DaemonSet", "test-app-1"),
        ("Deployment", "test-app-2"),
        ("Deployment", "test-other-ns"),
        ("Deployment", "test-app"),
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_example_loads(path: Path) -> None:
    assert errors_of(path.read_bytes()) == ()


def test_errors_of_several_files_come_in_the_order_of_files() -> None:
    with pytest.raises(InvalidManifestsError) as caught:
        load([("b", b"x"), ("a", b"apiVersion: v1\nkind: pod\n")], AuthoringSettings())
    assert caught.value.message == "2 errors in the manifests; nothing was done"
    assert [str(error.span) for error in caught.value.errors] == ["b:1:1", "a:2:7"]


def test_the_same_object_in_two_files_is_refused_naming_both_places() -> None:
    with pytest.raises(InvalidManifestsError) as caught:
        load([("a", POOL.encode()), ("b", POOL.encode())], AuthoringSettings())
    (error,) = caught.value.errors
    assert (error.code, error.message) == ("duplicate-object", "SpiderIPPool `p` is given twice")
    assert error.hint == "keep one of them; the other is at a:3:18"
    assert str(error.span) == "b:3:18"


def test_one_name_in_two_namespaces_or_kinds_is_two_objects() -> None:
    text = "---\n".join(
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: x{more}}}\n"
        for kind, more in (("Pod", ""), ("Pod", ", namespace: b"), ("Node", ""))
    )
    assert [(record.kind, record.namespace) for record in loaded(text).objects] == [
        ("Pod", "default"),
        ("Pod", "b"),
        ("Node", ""),
    ]


def test_other_kinds_are_skipped_and_counted() -> None:
    kinds = [
        ("v1", "Service"),
        ("v1", "Service"),
        ("spiderpool.spidernet.io/v2beta1", "SpiderSubnet"),
        ("spiderpool.spidernet.io/v2beta1", "SpiderEndpoint"),
        ("batch.volcano.sh/v1alpha1", "Job"),
        ("batch/v1", "CronJob"),
    ]
    found = loaded("---\n".join(f"apiVersion: {v}\nkind: {kind}\n" for v, kind in kinds))
    assert found.skipped_counts() == {
        "CronJob": 1,
        "Job": 1,
        "Service": 2,
        "SpiderEndpoint": 1,
        "SpiderSubnet": 1,
    }
    assert str(found.skipped[1].span) == "f.yaml:4:1"


def test_a_namespace_bears_its_name_as_label_as_the_api_server_sees_to() -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: red}, annotations: {a: b}}\n"
    (record,) = loaded(text).objects
    labels = {"team": "red", "kubernetes.io/metadata.name": "shop"}
    assert record.facts == {"name": "shop", "labels": labels, "annotations": {"a": "b"}}
    assert record.manifest["metadata"] == {
        "name": "shop",
        "labels": labels,
        "annotations": {"a": "b"},
    }


def test_the_facts_of_a_pod() -> None:
    text = """\
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  uid: 1b6c
  labels: {app: web}
  managedFields: [{manager: kubectl}]
  ownerReferences:
  - {apiVersion: v1, kind: Thing, name: other, uid: u}
  - {apiVersion: apps/v1, kind: StatefulSet, name: web, uid: u, controller: true}
spec: {nodeName: node1, containers: [{name: c, ports: [80]}]}
status: {phase: Running}
"""
    (record,) = loaded(text).objects
    assert record.facts == {
        "namespace": "default",
        "name": "web-0",
        "uid": "1b6c",
        "labels": {"app": "web"},
        "annotations": {},
        "phase": "Running",
        "ownerKind": "StatefulSet",
        "ownerName": "web",
        "nodeName": "node1",
        "ended": "",
    }
    assert (record.uid, record.source, record.revision) == ("1b6c", "file", "")
    metadata = record.manifest["metadata"]
    assert isinstance(metadata, dict)
    assert "managedFields" not in metadata
    assert metadata["namespace"] == "default"
    assert record.manifest["spec"] == {
        "nodeName": "node1",
        "containers": [{"name": "c", "ports": [80]}],
    }


ENDED = [
    ("a running Pod lives", "", "Always", "Running", "", ""),
    ("a deleted Pod ends", ", deletionTimestamp: 2020-01-01T00:00:00Z", "Always", "Running", "",
     "it is being deleted"),
    ("a Pod that succeeded and is being deleted has ended",
     ", deletionTimestamp: 2020-01-01T00:00:00Z", "Never", "Succeeded", "", "it has succeeded"),
    ("a Pod that succeeded and is restarted lives", "", "Always", "Succeeded", "", ""),
    ("a Pod that succeeded ends", "", "OnFailure", "Succeeded", "", "it has succeeded"),
    ("a Pod that failed and is restarted lives", "", "OnFailure", "Failed", "", ""),
    ("a Pod that failed for good ends", "", "Never", "Failed", "", "it has failed"),
    ("an evicted Pod ends", "", "Always", "Failed", "Evicted", "it was evicted"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "more", "policy", "phase", "reason", "ended"), ENDED, ids=[row[0] for row in ENDED]
)
def test_whether_a_pod_has_ended(
    name: str, more: str, policy: str, phase: str, reason: str, ended: str
) -> None:
    text = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: x{more}}}\n"
        f"spec: {{restartPolicy: {policy}}}\nstatus: {{phase: {phase}, reason: '{reason}'}}\n"
    )
    assert loaded(text).objects[0].facts["ended"] == ended


def test_the_facts_of_a_node_and_of_a_reservation() -> None:
    text = (
        "apiVersion: v1\nkind: Node\nmetadata: {name: node1, labels: {zone: a}}\n---\n"
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderReservedIP\n"
        "metadata: {name: r, uid: u}\nspec: {ips: ['fd00::3', 'fd00::1-fd00::2']}\n"
    )
    node, reserved = loaded(text).objects
    assert node.facts == {"name": "node1", "labels": {"zone": "a"}}
    base = 0xFD << 120
    assert reserved.facts == {"family": 6, "ranges": [[str(base + 1), str(base + 3)]]}
    assert reserved.manifest == {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderReservedIP",
        "metadata": {"name": "r"},
        "spec": {"ipVersion": 6, "ips": ["fd00::1-fd00::3"]},
    }


def test_documents_are_found_by_kind_namespace_and_name() -> None:
    found = loaded(POOL)
    assert str(found.documents["SpiderIPPool", "", "p"].span(("spec", "subnet"))) == "f.yaml:5:11"


IPS = "  ips: [10.0.0.1, 10.0.0.5-10.0.0.9]\n"
TEN = 10 << 24
CONFLICTS = [
    (
        Conflict("p", "address-overlap", "q", 4, TEN + 6, TEN + 7),
        "address-overlap",
        "spec.ips[1]",
        "`10.0.0.6-10.0.0.7` also belongs to the pool `q`",
        "take it out of one of the pools, for example with `excludeIPs: [10.0.0.6-10.0.0.7]`",
        "f.yaml:6:19",
    ),
    (
        Conflict("p", "subnet-overlap", "q"),
        "subnet-overlap",
        "spec.subnet",
        "the subnet `10.0.0.0/24` overlaps that of the pool `q`",
        "pools share a subnet by writing the same one, or have disjoint ones",
        "f.yaml:5:11",
    ),
    (
        Conflict("p", "address-in-use", "shop/web-0", 4, TEN + 3, TEN + 3),
        "address-in-use",
        "spec.ips",
        "`10.0.0.3` is held by `shop/web-0` and would leave the pool",
        "keep it in `spec.ips` until it is released",
        "f.yaml:6:8",
    ),
    (
        Conflict("p", "immutable-field", "spec.subnet"),
        "immutable-field",
        "spec.subnet",
        "`spec.subnet` of the pool cannot be changed",
        "delete the pool and create it anew, or give the new one another name",
        "f.yaml:5:11",
    ),
    (
        Conflict("p", "revision"),
        "invalid-manifest",
        "metadata.name",
        "the pool `p` was changed by somebody else meanwhile",
        "look at it, then apply again",
        "f.yaml:3:18",
    ),
]


@pytest.mark.parametrize("row", CONFLICTS, ids=lambda row: row[0].kind)
def test_a_conflict_is_told_at_its_place(row: tuple[Conflict, str, str, str, str, str]) -> None:
    conflict, *wanted = row
    error = conflict_error(conflict, loaded(POOL + IPS).specs["p"])
    assert [error.code, error.field, error.message, error.hint, str(error.span)] == wanted
