"""Objects and the facts that come from them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from model.facts import NamespaceFacts, NodeFacts, PodFacts, Seen, Unknown
from model.facts_json import (
    namespace_from_json,
    namespace_to_json,
    node_from_json,
    node_to_json,
    pod_from_json,
    pod_to_json,
)
from model.pools import ObjectRecord
from model.protocols import Store
from tests.store.build import NOW, write

POD = PodFacts(
    "shop",
    "web-1",
    {"app": "web"},
    {"ipam.spidernet.io/ippool": "{}"},
    "u1",
    "ReplicaSet",
    "web",
    "node1",
    "",
)
texts = st.text(max_size=5)
maps = st.dictionaries(texts, texts, max_size=3)


@given(st.builds(PodFacts, texts, texts, maps, maps, texts, texts, texts, texts, texts))
def test_a_pod_travels_through_json(pod: PodFacts) -> None:
    assert pod_from_json(pod_to_json(pod)) == pod


@given(st.builds(NamespaceFacts, texts, maps, maps), st.builds(NodeFacts, texts, maps))
def test_a_namespace_and_a_node_travel_through_json(
    namespace: NamespaceFacts, node: NodeFacts
) -> None:
    assert namespace_from_json(namespace_to_json(namespace)) == namespace
    assert node_from_json(node_to_json(node)) == node


def pod_record(pod: PodFacts = POD, namespace: str = "shop", name: str = "web-1") -> ObjectRecord:
    manifest = {"metadata": {"name": name}}
    return ObjectRecord("Pod", namespace, name, manifest, pod_to_json(pod), pod.uid)


def stored_revision(
    store: Store, kind: str = "Pod", namespace: str = "shop", name: str = "web-1"
) -> str:
    record = store.objects.get(kind, namespace, name)
    return record.revision if record else ""


def seen_in(store: Store, kind: str, namespace: str, name: str) -> Seen:
    return Seen(stored_revision(store, kind, namespace, name), "store", NOW)


def test_an_object_is_read_as_it_was_written(store: Store) -> None:
    write(store, objects=[pod_record()])
    revision = stored_revision(store)
    assert revision
    expected = pod_record().replace(revision=revision, seen_at_seconds=NOW)
    assert store.objects.get("Pod", "shop", "web-1") == expected
    assert store.objects.get("Pod", "other", "web-1") is None
    assert store.objects.get("Node", "shop", "web-1") is None


def test_an_unchanged_object_keeps_its_revision_and_the_time_it_was_seen(store: Store) -> None:
    write(store, objects=[pod_record()])
    revision = stored_revision(store)
    write(store, objects=[pod_record()], now=NOW + 5)
    first = store.objects.get("Pod", "shop", "web-1")
    assert first == pod_record().replace(revision=revision, seen_at_seconds=NOW)
    changed = pod_record(POD.replace(labels={"app": "db"}))
    write(store, objects=[changed], now=NOW + 9)
    second = store.objects.get("Pod", "shop", "web-1")
    assert stored_revision(store) != revision
    assert second == changed.replace(revision=stored_revision(store), seen_at_seconds=NOW + 9)


def test_objects_are_listed_in_natural_order_of_one_namespace_or_all(store: Store) -> None:
    places = [("b", "web-10"), ("b", "web-9"), ("a-10", "x"), ("a-9", "x")]
    write(store, objects=[pod_record(namespace=space, name=name) for space, name in places])
    listed = [(one.namespace, one.name) for one in store.objects.list("Pod")]
    assert listed == [("a-9", "x"), ("a-10", "x"), ("b", "web-9"), ("b", "web-10")]
    assert [one.name for one in store.objects.list("Pod", "b")] == ["web-9", "web-10"]
    assert store.objects.list("Node") == []


def test_an_object_is_deleted_once(store: Store) -> None:
    write(store, objects=[pod_record()])
    assert store.writer.delete_object("Pod", "shop", "web-1")
    assert not store.writer.delete_object("Pod", "shop", "web-1")
    assert store.objects.get("Pod", "shop", "web-1") is None


def test_facts_come_with_their_provenance(store: Store) -> None:
    namespace = NamespaceFacts("shop", {"team": "a"}, {})
    node = NodeFacts("node1", {"zone": "z"})
    write(
        store,
        objects=[
            pod_record(),
            ObjectRecord("Namespace", "", "shop", {}, namespace_to_json(namespace)),
            ObjectRecord("Node", "", "node1", {}, node_to_json(node)),
        ],
    )
    seen = seen_in(store, "Pod", "shop", "web-1")
    assert store.facts.pod("shop", "web-1", "") == POD.replace(seen=seen)
    assert store.facts.pod("shop", "web-1", "u1") == POD.replace(seen=seen)
    seen = seen_in(store, "Namespace", "", "shop")
    assert store.facts.namespace("shop") == namespace.replace(seen=seen)
    seen = seen_in(store, "Node", "", "node1")
    assert store.facts.node("node1") == node.replace(seen=seen)


def test_a_pod_stored_without_uid_serves_any(store: Store) -> None:
    write(store, objects=[pod_record(POD.replace(uid=""))])
    seen = seen_in(store, "Pod", "shop", "web-1")
    assert store.facts.pod("shop", "web-1", "u9") == POD.replace(uid="", seen=seen)


def test_what_was_not_applied_is_unknown_and_says_what_to_do(store: Store) -> None:
    write(store, objects=[pod_record()])
    assert store.facts.pod("shop", "web-2", "") == Unknown(
        "pod shop/web-2",
        "the store knows no Pod `shop/web-2`",
        "apply it: `poolweaver apply -f pod.yaml`",
    )
    assert store.facts.pod("shop", "web-1", "u2") == Unknown(
        "pod shop/web-1",
        "the store knows the Pod `shop/web-1` with UID `u1`, and this one has UID `u2`",
        "apply it: `poolweaver apply -f pod.yaml`",
    )
    assert store.facts.namespace("shop") == Unknown(
        "namespace shop",
        "the store knows no Namespace `shop`",
        "apply it: `poolweaver apply -f namespace.yaml`",
    )
    assert store.facts.node("node1") == Unknown(
        "node node1",
        "the store knows no Node `node1`",
        "apply it: `poolweaver apply -f node.yaml`",
    )
