"""What values can occur at all: which subjects are never absent, and what a value looks like.

A place is a subject with its key. `namespace.label["kubernetes.io/metadata.name"]` is the name of
the Namespace on every API server (Kubernetes page "Well-Known Labels"), so it is the same place.
"""

from __future__ import annotations

from collections.abc import Callable

from model.rules import Check
from policy.labels import dns_label_problem, label_value_problem, subdomain_problem
from policy.networks import DEFAULT_NETWORK, MOST_NIC_CHARACTERS, NETWORKS

# subject, key or empty
Place = tuple[str, str]

NAMESPACE_NAME: Place = ("namespace.name", "")
NETWORK: Place = ("nic.network", "")
OWNER_KIND: Place = ("pod.owner.kind", "")
OWNER_NAME: Place = ("pod.owner.name", "")
FAMILY: Place = ("ip.family", "")

_NEVER_ABSENT = frozenset(("pod.name", "namespace.name", "node.name", "nic.name", "ip.family"))
_NETWORK_ANNOTATIONS = (DEFAULT_NETWORK, NETWORKS)


def place_of(check: Check) -> Place:
    """The place that a check looks at, under its one name."""
    _, subject, key, _, _ = check
    if subject == "namespace.label" and key == "kubernetes.io/metadata.name":
        return NAMESPACE_NAME
    return subject, key


def may_be_absent(place: Place) -> bool:
    """Whether a Pod's interface may have no value there."""
    return place[0] not in _NEVER_ABSENT


def is_tangled(place: Place) -> bool:
    """Whether the value decides another place too: annotations that name the networks."""
    return place[0] == "pod.annotation" and place[1] in _NETWORK_ANNOTATIONS


def _named(problem: Callable[[str], str]) -> Callable[[str], bool]:
    return lambda text: bool(text) and not problem(text)


def _is_network(text: str) -> bool:
    namespace, slash, name = text.partition("/")
    return bool(slash) and not dns_label_problem(namespace) and not subdomain_problem(name)


_POSSIBLE: dict[str, Callable[[str], bool]] = {
    "pod.name": _named(subdomain_problem),
    "namespace.name": _named(dns_label_problem),
    "node.name": _named(subdomain_problem),
    "pod.owner.kind": bool,
    "pod.owner.name": _named(subdomain_problem),
    "nic.name": lambda text: 0 < len(text) <= MOST_NIC_CHARACTERS and "/" not in text,
    "nic.network": _is_network,
    "ip.family": lambda text: text in ("4", "6"),
    "pod.label": lambda text: not label_value_problem(text),
    "namespace.label": lambda text: not label_value_problem(text),
    "node.label": lambda text: not label_value_problem(text),
}


def is_possible(place: Place, value: str) -> bool:
    """Whether Kubernetes lets anything have this value there."""
    test = _POSSIBLE.get(place[0])
    return test is None or test(value)
