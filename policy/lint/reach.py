"""Which pools each Pod could use, and on which Nodes: the index asked without a Node.

Pod, no Node ── index ──> pools that stand            wherever it runs
                      └─> pools undecided for it      on the Nodes that their checks let in
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from model.errors import DecisionError
from model.facts import Facts, NodeFacts, PodFacts, Unknown
from model.pools import ServingPool
from model.rules import Check, PoolRules
from policy.evaluate import CLUSTER_DEFAULT, check_holds, network_of
from policy.index import PoolIndex
from policy.lint.cluster import Cluster
from policy.lint.placement import Placement
from policy.networks import DEFAULT_NETWORK, FIRST_NIC, NETWORKS, NetworkAnnotationError, nic_names
from policy.pool_annotations import IPPOOLS, PREFIX, ippools_items
from policy.select import Candidates, select, unknown_pools
from policy.standing import Known, standing

OUR_PLUGINS = ("poolweaver", "spiderpool")
_NO_NODE = Unknown("the Pod's node", "the Pod is not scheduled yet", "")


@dataclass(frozen=True, slots=True)
class Reach:
    """The pools of a family: usable everywhere, and on some Nodes alone."""

    everywhere: tuple[str, ...] = ()
    on_nodes: tuple[tuple[str, int], ...] = ()

    def uncovered(self, nodes: int) -> int:
        """Those of the Nodes where no pool is to be had."""
        if self.everywhere:
            return 0
        for _, there in self.on_nodes:
            nodes &= ~there
        return nodes


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface that asks for an address. `error`: nobody can say of which pools."""

    nic: str
    source: str = CLUSTER_DEFAULT
    families: Mapping[int, Reach] | None = None
    error: DecisionError | None = None


class Reaches:
    """Answers for Pods; those that no pool can tell apart are asked about once."""

    def __init__(self, cluster: Cluster, placement: Placement) -> None:
        self.cluster = cluster
        self.placement = placement
        self.rules = {name: pool.rules for name, pool in cluster.pools.items()}
        self._answers: dict[object, list[Interface]] = {}
        self._check_nodes: dict[object, int] = {}
        self._pool_nodes: dict[str, int] = {}

    def interfaces(self, pod: PodFacts) -> list[Interface]:
        """The interfaces of a Pod that ask here; none where its Namespace is not known."""
        if pod.namespace not in self.cluster.namespaces:
            return []
        key = self.signature(pod)
        if key not in self._answers:
            self._answers[key] = list(self._interfaces(pod))
        return self._answers[key]

    def facts(self, pod: PodFacts, nic: str, node: str = "") -> Facts:
        """What a decision would see of an interface, with or without a known Node."""
        cluster = self.cluster
        at: NodeFacts | Unknown = cluster.nodes[node] if node else _NO_NODE
        return Facts(
            pod.namespace,
            pod.name,
            node,
            nic,
            pod,
            cluster.namespaces[pod.namespace],
            at,
            cluster.cluster_network,
            cluster.settings.install_namespace,
        )

    def candidates(self, interface: Interface, pod: PodFacts, family: int) -> list[PoolRules]:
        """The pools that a decision would look at."""
        if interface.source == CLUSTER_DEFAULT:
            return [r for r in self.rules.values() if r.default and r.family == family]
        named = self._select(self.facts(pod, interface.nic)).families or {}
        return [self.rules[name] for name in named[family]]

    @cached_property
    def by_name(self) -> bool:
        """Whether some pool looks at the names of Pods, or at what a StatefulSet numbers."""
        keys = {key for _, key in self._places}
        numbered = ("apps.kubernetes.io/pod-index", "statefulset.kubernetes.io/pod-name")
        return ("pod.name", "") in self._places or any(key in keys for key in numbered)

    @cached_property
    def _places(self) -> frozenset[tuple[str, str]]:
        checks = (check for rules in self.rules.values() for check in rules.checks)
        return frozenset((check[1], check[2]) for check in checks)

    @cached_property
    def _index(self) -> PoolIndex:
        """The default pools of the enabled families."""
        rules = (one for one in self.rules.values() if one.default)
        return PoolIndex(ServingPool(one, 0, 0) for one in rules)

    @cached_property
    def _enabled(self) -> list[int]:
        return [family for family in (4, 6) if self.cluster.settings.enabled(family)]

    @cached_property
    def _default(self) -> list[int]:
        """The families that every Pod gets that names no pool: those with default pools."""
        there = {rules.family for rules in self.rules.values() if rules.default}
        return [family for family in self._enabled if family in there]

    @cached_property
    def _open(self) -> list[int]:
        """Those of them with a pool for interfaces on any network, or on none that is known."""
        there = {
            rules.family
            for rules in self.rules.values()
            if rules.default and not any(check[1] == "nic.network" for check in rules.checks)
        }
        return [family for family in self._default if family in there]

    @cached_property
    def _plugins(self) -> dict[str, str]:
        """The IPAM plugin of each network whose configuration names one."""
        found = {}
        for record in self.cluster.of("NetworkAttachmentDefinition"):
            plugin = _plugin_of(record.manifest.get("spec"))
            if plugin:
                found[f"{record.namespace}/{record.name}"] = plugin
        return found

    def signature(self, pod: PodFacts) -> object:
        """What tells Pods apart for some pool, or for the choice of candidates."""
        seen = self._places
        return (
            pod.namespace,
            tuple(kv for kv in sorted(pod.labels.items()) if ("pod.label", kv[0]) in seen),
            tuple(kv for kv in sorted(pod.annotations.items()) if self._is_read(kv[0])),
            pod.owner_kind if ("pod.owner.kind", "") in seen else "",
            pod.owner_name if ("pod.owner.name", "") in seen else "",
            pod.name if ("pod.name", "") in seen else "",
        )

    def _is_read(self, key: str) -> bool:
        named = key.startswith(PREFIX) or key in (DEFAULT_NETWORK, NETWORKS)
        return named or ("pod.annotation", key) in self._places

    def _interfaces(self, pod: PodFacts) -> Iterator[Interface]:
        try:
            nics = nic_names(pod.annotations)
        except NetworkAnnotationError:
            return  # Multus would not start the Pod
        for nic in nics:
            facts = self.facts(pod, nic)
            network = network_of(facts, pod).name
            plugin = self._plugins.get(network, "")
            if plugin and plugin not in OUR_PLUGINS:
                continue
            try:
                if not plugin and _is_unlisted(pod, nic):
                    continue
                yield from self._interface(facts, bool(network))
            except DecisionError as error:
                yield Interface(nic, error=error)

    def _interface(self, facts: Facts, attached: bool) -> Iterator[Interface]:
        """The interface, if its addresses come from pools: it names some, or there are some."""
        candidates = self._select(facts)
        if candidates.families is None:
            families = self._default if attached else self._open
            found = {family: self._by_default(facts, family) for family in families}
        else:
            found = {
                family: self._named(facts, family, candidates) for family in candidates.families
            }
        if found:
            yield Interface(facts.nic, candidates.source, found)

    def _select(self, facts: Facts) -> Candidates:
        return select(facts, {}, self._enabled, self._names_of)

    def _names_of(self, family: int) -> list[str]:
        return [name for name, rules in self.rules.items() if rules.family == family]

    def _by_default(self, facts: Facts, family: int) -> Reach:
        walked = self._index.walk(Known(facts, family))
        return self._reach((pool.rules, verdict) for pool, verdict in walked)

    def _named(self, facts: Facts, family: int, candidates: Candidates) -> Reach:
        names = (candidates.families or {})[family]
        missing = [name for name in names if name not in self.rules]
        if missing:
            raise unknown_pools(missing, candidates.source, list(self.rules))
        known = Known(facts, family)
        return self._reach((self.rules[n], standing(known, self.rules[n])) for n in names)

    def _reach(self, found: Iterator[tuple[PoolRules, bool | None]]) -> Reach:
        everywhere, on_nodes = [], []
        for rules, verdict in found:
            if verdict:
                everywhere.append(rules.name)
            elif verdict is None and (nodes := self.nodes_of(rules)):
                on_nodes.append((rules.name, nodes))
        return Reach(tuple(everywhere), tuple(on_nodes))

    def nodes_of(self, rules: PoolRules) -> int:
        """The known Nodes that the checks of a pool let in."""
        found = self._pool_nodes.get(rules.name)
        if found is None:
            found = self.placement.everywhere
            for check in rules.checks:
                if check[1].startswith("node."):
                    found &= self._nodes(check)
            self._pool_nodes[rules.name] = found
        return found

    def _nodes(self, check: Check) -> int:
        key = check[1:]
        if key not in self._check_nodes:
            self._check_nodes[key] = self._looked_up(check)
        return self._check_nodes[key]

    def _looked_up(self, check: Check) -> int:
        _, subject, key, operator, values = check
        bits = self.placement.bits
        if subject == "node.name" and operator in ("=", "in"):
            return sum(bits.get(name, 0) for name in set(values))
        nodes = self.cluster.nodes
        named = subject == "node.name"
        return sum(
            bit
            for name, bit in bits.items()
            if check_holds(check, name if named else nodes[name].labels.get(key))
        )


def _is_unlisted(pod: PodFacts, nic: str) -> bool:
    """Whether the Pod lists interfaces, and this one is not among them: it may be another's."""
    return nic != FIRST_NIC and IPPOOLS in pod.annotations and nic not in ippools_items(pod)


def _plugin_of(spec: Any) -> str:
    """The IPAM plugin in the configuration of a network; empty where it names none."""
    try:
        config = json.loads(spec["config"])
    except (TypeError, KeyError, ValueError, RecursionError):
        return ""
    if not isinstance(config, dict):
        return ""
    plugins = config.get("plugins")
    for part in (config, *(plugins if isinstance(plugins, list) else ())):
        ipam = part.get("ipam") if isinstance(part, dict) else None
        if isinstance(ipam, dict) and isinstance(ipam.get("type"), str):
            return str(ipam["type"])
    return ""
