"""`no-live-pod-matches`: a pool that none of the Pods there are could use."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from model.facts import Facts, Unknown
from model.pools import ServingPool
from policy.index import PoolIndex
from policy.lint.cluster import HOSTNAME
from policy.lint.finding import INFO, Finding
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule, lacking
from policy.lint.rules import unused_label_key
from policy.networks import FIRST_NIC, NetworkAnnotationError, nic_names
from policy.normal.answer import NO
from policy.normal.box import satisfiable
from policy.normal.domains import NAMESPACE_NAME, NETWORK, Place, place_of
from policy.standing import Known
from policy.wording import shown


def _find(linted: Linted) -> Iterator[Finding]:
    count = len(linted.cluster.live_pods)
    if not count:
        return
    pools = [pool for pool in linted.pools if _is_looked_at(linted, pool)]
    alone = {pool.name for pool in pools} - _matched(linted, pools)
    for pool in pools:
        if pool.name in alone:
            yield RULE.at(
                pool.document,
                ("metadata", "name"),
                f"the pool {shown(pool.name)} admits none of the Pods that there are ({count})",
                "look whether its fields say what they are meant to; leave it where its Pods are "
                "still to come",
            )


def _is_looked_at(linted: Linted, pool: LintedPool) -> bool:
    """Not where another rule says why nothing can match."""
    if pool.rules.disabled or pool.rules.terminating or satisfiable(pool.box) is NO:
        return False
    return not (_asks_for_unknown_names(linted, pool) or _asks_for_unused_keys(linted, pool))


def _asks_for_unknown_names(linted: Linted, pool: LintedPool) -> bool:
    cluster = linted.cluster
    known: dict[Place, tuple[str, Collection[str]]] = {
        ("node.name", ""): ("Node", cluster.nodes),
        HOSTNAME: ("Node", cluster.hosts),
        NAMESPACE_NAME: ("Namespace", cluster.namespaces),
        NETWORK: ("NetworkAttachmentDefinition", cluster.networks),
    }
    for check in pool.rules.checks:
        kind, names = known.get(place_of(check), ("", ()))
        asked = kind in linted.given and check[3] in ("=", "in")
        if asked and not set(check[4]).intersection(names):
            return True
    return False


def _asks_for_unused_keys(linted: Linted, pool: LintedPool) -> bool:
    if lacking(unused_label_key.RULE, linted):
        return False
    return any(True for _ in unused_label_key.unused(pool, linted.cluster.label_keys))


def _matched(linted: Linted, pools: list[LintedPool]) -> set[str]:
    """The pools that a Pod could use. Each is taken out of the index when it is found."""
    index = PoolIndex(ServingPool(pool.rules.replace(default=True), 0, 0) for pool in pools)
    families = {pool.rules.family for pool in pools}
    found: set[str] = set()
    for facts in _distinct(linted):
        for family in families:
            names = [pool.rules.name for pool, _ in index.walk(Known(facts, family))]
            for name in names:
                index.remove(name)
            found.update(names)
    return found


def _distinct(linted: Linted) -> Iterator[Facts]:
    """The interfaces of all Pods, those once that no pool can tell apart."""
    seen = set()
    for _, pod in linted.cluster.live_pods:
        key = (linted.asked.reaches.signature(pod), pod.node_name)
        if key not in seen:
            seen.add(key)
            try:
                nics = nic_names(pod.annotations)
            except NetworkAnnotationError:
                nics = [FIRST_NIC]
            cluster = linted.cluster
            unknown = Unknown("it", "nobody gave it", "")
            for nic in nics:
                yield Facts(
                    pod.namespace,
                    pod.name,
                    pod.node_name,
                    nic,
                    pod,
                    cluster.namespaces.get(pod.namespace, unknown),
                    cluster.nodes.get(pod.node_name, unknown),
                    cluster.cluster_network,
                    cluster.settings.install_namespace,
                )


RULE = Rule(
    "no-live-pod-matches",
    INFO,
    "a pool that none of the Pods there are could use",
    _find,
    needs=("Pod",),
)
