"""Stores filled with rules and facts as they come, without manifests: for laws about decisions."""

from __future__ import annotations

from collections.abc import Iterable

from ipam.request import Request
from model.facts import Facts, Unknown
from model.facts_json import namespace_to_json, node_to_json, pod_to_json
from model.leases import Attachment, Claim, Claimed, FamilyClaim, Holder, PoolChoice
from model.pools import ObjectRecord, PoolRecord, ServingPool
from model.rules import PoolRules
from policy.anchors import filing
from policy.ranks import sort_key
from store.store import Store

NOW = 1_700_000_000
FIRST = {4: 10 << 24, 6: 0xFD << 120}  # 10.0.0.0 and fd00::
PREFIX_BITS = {4: 8, 6: 64}


def record(rules: PoolRules) -> PoolRecord:
    """A pool of one address, its own by the number behind the `-` of its name."""
    number = FIRST[rules.family] + 1 + int(rules.name.partition("-")[2])
    text = f'rules 1\npool "{rules.name}" {{}} # {rules!r}'
    return PoolRecord(
        ServingPool(
            rules.replace(digest=repr(rules)), FIRST[rules.family], PREFIX_BITS[rules.family]
        ),
        ((number, number),),
        {"metadata": {"name": rules.name}},
        text,
        sort=sort_key(rules),
        alternatives=filing(rules.checks),
    )


def clear(store: Store) -> None:
    """Forget every pool, object and lease."""
    with store.database.transaction():
        for (table,) in store.database.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%' "
            "AND name NOT IN ('meta', 'setting', 'journal_pruning')"
        ):
            store.database.run(f"DELETE FROM {table}")
        store.database.run("UPDATE sqlite_sequence SET seq = 0")
        store.database.run("UPDATE meta SET value = '0' WHERE key = 'rules_digest'")


def write_rules(store: Store, rules: Iterable[PoolRules]) -> None:
    """Apply pools; those that may not be changed so (another family, being drained) are left."""
    for one in rules:
        store.writer.write([record(one)], (), {}, NOW)


def write_facts(store: Store, facts: Facts) -> Request:
    """Store the sections that are known, and the request that will find just these facts."""
    objects = []
    namespace, name = facts.pod_namespace, facts.pod_name
    if name and not isinstance(facts.pod, Unknown):
        pod = facts.pod.replace(namespace=namespace, name=name)
        objects.append(ObjectRecord("Pod", namespace, name, {}, pod_to_json(pod)))
    if not isinstance(facts.namespace, Unknown):
        found = facts.namespace.replace(name=namespace)
        objects.append(ObjectRecord("Namespace", "", namespace, {}, namespace_to_json(found)))
    if facts.node_name and not isinstance(facts.node, Unknown):
        node = facts.node.replace(name=facts.node_name)
        objects.append(ObjectRecord("Node", "", facts.node_name, {}, node_to_json(node)))
    store.writer.write((), objects, {}, NOW)
    labels = {} if isinstance(facts.pod, Unknown) or name else facts.pod.labels
    place = Attachment(facts.node_name, "net", "c1", facts.nic)
    return Request(place, namespace if name else "", name, labels=labels)


def fill(store: Store, pool: PoolRules) -> None:
    """Hold the only address of a pool."""
    claim = Claim(
        Attachment("node1", "net", f"holds {pool.name}", "eth0"),
        Holder(),
        [FamilyClaim(pool.family, [PoolChoice(pool.name, PREFIX_BITS[pool.family])])],
        store.pools.rules_digest(),
    )
    (outcome,) = store.leases.execute([claim], NOW)
    assert isinstance(outcome, Claimed)
