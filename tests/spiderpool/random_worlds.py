"""Random clusters: pools with every affinity field, nodes, namespaces and Pods, few words a place.

Few words, so that what is written and what is asked meet often enough to matter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.spiderpool.worlds import GROUP, Manifest, manifest, namespace, node, pod

KEYS = ("app", "tier", "example.com/zone", "kubernetes.io/metadata.name")
VALUES = ("", "a", "b", "red", "A.b_c")
NODES = ("node1", "node2", "node10")
SPACES = ("default", "red", "blue")
NETWORKS = ("vlan0", "kube-system/vlan0", "red/vlan0", "default/vlan1")
POOL_NAMES = ("p", "p1", "p2", "p10", "p02", "q-1", "q-1.a", "1p")

labels = st.dictionaries(st.sampled_from(KEYS[:3]), st.sampled_from(VALUES), max_size=3)
keys = st.sampled_from(KEYS)
values = st.lists(st.sampled_from((*VALUES, *SPACES)), min_size=1, max_size=3)
expressions: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.fixed_dictionaries(
        {"key": keys, "operator": st.sampled_from(["In", "NotIn"]), "values": values}
    ),
    st.fixed_dictionaries(
        {"key": keys, "operator": st.sampled_from(["Exists", "DoesNotExist"])},
        optional={"values": st.just([])},
    ),
)
pairs = st.dictionaries(keys, st.sampled_from((*VALUES, *SPACES)), max_size=2)
selectors = st.one_of(
    st.fixed_dictionaries({"matchExpressions": st.lists(expressions, min_size=1, max_size=2)}),
    st.fixed_dictionaries({"matchLabels": pairs}),
    st.fixed_dictionaries(
        {}, optional={"matchLabels": pairs, "matchExpressions": st.lists(expressions, max_size=2)}
    ),
)
full_selectors = selectors.filter(lambda s: s.get("matchLabels") or s.get("matchExpressions"))
NAME_LISTS = {"nodeName": NODES, "namespaceName": SPACES, "multusName": NETWORKS}


def names(field: str) -> st.SearchStrategy[list[str]]:
    """A list of names, which may be empty and so says nothing."""
    return st.lists(st.sampled_from(NAME_LISTS[field]), max_size=2, unique=True)


affinity: dict[str, st.SearchStrategy[Any]] = {
    "podAffinity": full_selectors,
    "nodeAffinity": selectors,
    "namespaceAffinity": selectors,
    **{field: names(field) for field in NAME_LISTS},
}


# Fields that one cluster uses: a list of names beside its selector, and mixtures.
THEMES: tuple[list[str], ...] = (
    [],
    ["podAffinity"],
    ["nodeName", "nodeAffinity"],
    ["namespaceName", "namespaceAffinity"],
    ["multusName"],
    ["podAffinity", "nodeName", "namespaceAffinity"],
    sorted(affinity),
)


@st.composite
def specs(draw: st.DrawFn, fields: list[str]) -> dict[str, Any]:
    """Most of these affinity fields, and the flags."""
    spec = {field: draw(affinity[field]) for field in fields if draw(st.integers(0, 3))}
    if draw(st.integers(0, 7)) == 0:
        spec["disable"] = True
    return {**spec, "default": draw(st.integers(0, 3)) > 0}


@dataclass(frozen=True)
class Cluster:
    """Everything there is, and the setting `cluster_network`."""

    pools: list[Manifest]
    nodes: list[Manifest]
    namespaces: list[Manifest]
    pods: list[Manifest]
    cluster_network: str

    @property
    def manifests(self) -> list[Manifest]:
        """All of it."""
        return [*self.pools, *self.nodes, *self.namespaces, *self.pods]


@st.composite
def pools(draw: st.DrawFn) -> list[Manifest]:
    """Pools of both families, each with one address of a subnet that they share.

    They use few of the affinity fields, so that many are of equal rank.
    """
    fields = draw(st.sampled_from(THEMES))
    chosen = draw(st.lists(st.sampled_from(POOL_NAMES), min_size=1, max_size=6, unique=True))
    made = []
    for place, name in enumerate(chosen, 1):
        spec = draw(specs(fields))
        six = draw(st.integers(0, 4)) == 0
        spec["subnet"] = "fd00::/64" if six else "10.0.0.0/24"
        spec["ips"] = [f"fd00::{place}" if six else f"10.0.0.{place}"]
        priority = draw(st.sampled_from([None, None, "1", "-1", "007"]))
        metadata = {"annotations": {"poolweaver.io/priority": priority}} if priority else {}
        made.append(manifest("SpiderIPPool", name, GROUP, metadata=metadata, spec=spec))
    return made


@st.composite
def pods(draw: st.DrawFn, name: str, listed: list[str]) -> Manifest:
    """A Pod that names pools (any, in any order), or leaves it to the default ones."""
    annotations: dict[str, str] = {}
    if draw(st.booleans()):
        four = draw(st.permutations(listed))[: draw(st.integers(1, len(listed)))]
        annotations["ipam.spidernet.io/ippool"] = json.dumps({"ipv4": four})
    entries = draw(st.lists(st.sampled_from(NETWORKS), max_size=2))
    if entries:
        annotations["k8s.v1.cni.cncf.io/networks"] = _networks(entries, draw(st.booleans()))
    if draw(st.booleans()):
        annotations["v1.multus-cni.io/default-network"] = draw(st.sampled_from(NETWORKS))
    return pod(
        name,
        draw(st.sampled_from(SPACES)),
        labels=draw(labels),
        annotations=annotations,
        node_name=draw(st.sampled_from(NODES)),
    )


def _networks(entries: list[str], as_json: bool) -> str:
    if not as_json:
        return ",".join(entries)
    objects = []
    for entry in entries:
        space, _, name = entry.rpartition("/")
        objects.append({"name": name, **({"namespace": space} if space else {})})
    return json.dumps(objects)


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    """A whole cluster with one or two Pods."""
    made = draw(pools())
    listed = [one["metadata"]["name"] for one in made]
    return Cluster(
        made,
        [node(name, draw(labels)) for name in NODES],
        [namespace(name, draw(labels)) for name in SPACES],
        [draw(pods(name, listed)) for name in ("web-0", "web-1")[: draw(st.integers(1, 2))]],
        draw(st.sampled_from(["", "vlan0", "red/vlan0"])),
    )
