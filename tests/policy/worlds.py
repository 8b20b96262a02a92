"""Small worlds of facts and pools for tests of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.rules import RANK_FIELDS, Check, PoolRules


def facts(
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    namespace: NamespaceFacts | Unknown | None = None,
    node: NodeFacts | Unknown | None = None,
    nic: str = "eth0",
    cluster_network: str = "",
) -> Facts:
    """Pod shop/web-1 on node1, labelled `app=web` unless told otherwise."""
    return Facts(
        "shop",
        "web-1",
        "node1",
        nic,
        PodFacts("shop", "web-1", {"app": "web"} if labels is None else labels, annotations or {}),
        namespace or NamespaceFacts("shop", {"team": "red"}, {}),
        node or NodeFacts("node1", {"zone": "a"}),
        cluster_network,
    )


def pool(
    name: str,
    *checks: Check,
    family: int = 4,
    priority: int = 0,
    ranked: Sequence[str] | None = None,
    disabled: bool = False,
    terminating: bool = False,
) -> PoolRules:
    """A pool with `ip.family` and the given checks; ranked by their fields unless told otherwise."""
    fields = {check[0] for check in checks}
    return PoolRules(
        name,
        family,
        (("", "ip.family", "", "=", (str(family),)), *checks),
        tuple(f for f in RANK_FIELDS if f in fields) if ranked is None else ranked,
        priority,
        disabled=disabled,
        terminating=terminating,
    )


APP_WEB: Check = ("podAffinity", "pod.label", "app", "in", ("web",))
APP_DB: Check = ("podAffinity", "pod.label", "app", "in", ("db",))
NODE1: Check = ("nodeName", "node.name", "", "in", ("node1",))
ZONE_A: Check = ("nodeAffinity", "node.label", "zone", "in", ("a",))
SHOP: Check = ("namespaceName", "namespace.name", "", "in", ("shop",))
TEAM_RED: Check = ("namespaceAffinity", "namespace.label", "team", "in", ("red",))
VLAN0: Check = ("multusName", "nic.network", "", "in", ("kube-system/vlan0",))
