"""Cases that are not answered as Spiderpool answers them, each with the reason.

CONCRETE  described in words, or impossible as written; here it gets an input, its answer stays
INSTEAD   answered otherwise on purpose; our answer is asserted in its place
NOT_RUN   about something that does not exist here
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Rows of the table of decisions on Spiderpool's quirks: what upstream does | what is done here.
ZERO_CANDIDATES = "zero candidates counts as success | error with the reason"
RANDOM_ORDER = "equal pools in random order; written order lost | total order"
VALIDATED = "only podAffinity is validated | all selectors and name lists are"
NETWORK_LOOKUP = "network lookup drops pools without multusName | looked up only when used"
CORE_GROUP = "auto-created pools of core-group controllers never match | match"
ONE_PARSER = (
    "two range parsers; reversed ranges; gateway compared as text | one parser, reversed ranges "
    "refused, numbers compared"
)
ADDRESS_ORDER = "address order: order of the stored list | lowest number first"
OVERLAP = "overlap found by label, not on update, racy | by number, always, in the transaction"
HUGE = "huge IPv6 pools crash on update | interval arithmetic"
DEL = (
    "DEL does nothing while the Pod lives or when no UID is known; one DEL frees all interfaces | "
    "DEL frees exactly its attachment; the tenant may take the address back while it rests"
)
CANNOT_EXIST = "one bad reserved object blocks a family | refused at apply, so it cannot exist"
POOL_IN_USE = "deletion of a pool in use allowed by default | refused by default"
EVERY_CHECK = "first failing check only; identical reasons merged | every check of every pool"
KUBEVIRT = "KubeVirt owners are special | ordinary Pods for now"

# Other reasons.
APPLY_IS_KUBECTLS = "`apply` has kubectl's habits: an object that exists is configured, not refused"
ONE_STEP = (
    "defaulting and validation are one step, `apply`: what upstream's second refuses, it does"
)
NO_SUBNETS = (
    "SpiderSubnet is not built yet: the kind is none of those that are read, and annotations that "
    "ask for it are refused by name"
)
BAD_PATTERNS = (
    "a malformed pattern is an error whatever pools there are to match (closed, and said so)"
)
NO_FINALIZERS = (
    "there are no finalizers: a pool that goes with its last lease is a state of the store"
)
ABSENT = (
    "a Pod is absent when it is not found, terminal, of another UID, or its sandbox is gone: one that "
    "is there keeps its address, whatever its status says"
)
TWO_SIGHTINGS = (
    "a Pod that has ended lets go after two sightings a grace period apart; upstream leaves that to "
    "a timer beside this scan"
)
WHOLE_LIST = "Pods are not looked up one by one: a run has a complete list of them, or it does not take place"
STATUS_NOT_READ = "leases are the truth: the `status` of a manifest is accepted and not read"
BOUNDED_WAIT = "no queue: every write waits for the store, bounded, and then says `busy, try again`"
NO_CONFLICT_DETECTION = "addresses are not probed on the wire, so there is no clean-up of conflicts"


@dataclass(frozen=True, slots=True)
class Instead:
    """Our answer to a case, in our words, to its input or to the one given here."""

    reason: str
    wanted: Mapping[str, Any]
    given: Mapping[str, Any] | None = None


_NINE = {"subnet": "10.0.0.0/24", "ips": ["10.0.0.1-10.0.0.9"]}
_USED = {"10.0.0.5": {"pod": "ns/x", "podUid": "u"}}
_BAD_ZONE = {"matchLabels": {"zone": "nowhere"}}
_WEB = {"name": "p", "namespace": "default", "nodeName": "node1", "labels": {"app": "a"}}

CONCRETE: dict[str, Mapping[str, Any]] = {
    "VP-077": {
        "op": "update",
        "old": {**_NINE, "allocatedIPs": _USED},
        "new": {**_NINE, "excludeIPs": ["10.0.0.5"]},
    },
    "VP-092": {
        "op": "update",
        "kind": "SpiderReservedIP",
        "old": {"ipVersion": 4, "ips": ["10.0.0.1"]},
        "new": {"ipVersion": 6, "ips": ["fd00::1"]},
    },
    "AL-015": {
        "pool": {"subnet": "10.0.0.0/24", "ips": ["10.0.0.5"]},
        "reserved": ["10.0.0.5"],
        "pods": 1,
    },
}

INSTEAD: dict[str, Instead] = {
    "RP-006": Instead(ADDRESS_ORDER, {"ips": ["172.18.40.1", "172.18.40.2", "172.18.40.10"]}),
    "RP-038": Instead(ONE_PARSER, {"total": 10, "ranges": ["10.6.0.1-10.6.0.10"]}),
    "RP-042": Instead(ONE_PARSER, {"total": 10, "ranges": ["10.6.0.1-10.6.0.10"]}),
    "RP-054": Instead(HUGE, {"total": 2**64 - 1 - 16}),
    "RP-058": Instead(ONE_PARSER, {"codes": ["reversed-range"]}),
    "RP-075": Instead(ONE_PARSER, {"contains": True}),
    "RP-082": Instead(ONE_PARSER, {"codes": ["reversed-range"]}),
    "VP-006": Instead(ONE_STEP, {"codes": ["invalid-subnet"], "at": ["spec.subnet"]}),
    "VP-010": Instead(ONE_STEP, {"codes": ["invalid-range"], "at": ["spec.ips[0]"]}),
    "VP-013": Instead(ONE_STEP, {"outcome": "accept", "ipVersion": 4}),
    "VP-020": Instead(APPLY_IS_KUBECTLS, {"outcome": "accept"}),
    "VP-021": Instead(
        CANNOT_EXIST,
        {"outcome": "accept"},
        {
            "op": "create",
            "pool": {"subnet": "172.18.40.0/24", "ips": ["172.18.40.10"]},
            "existing": [
                {"subnet": "172.18.40.0/24", "name": "other", "ips": ["172.18.40.1-172.18.40.2"]}
            ],
        },
    ),
    "VP-022": Instead(
        CANNOT_EXIST,
        {"outcome": "reject", "at": ["spec.subnet"]},
        {"op": "create", "pool": {"ipVersion": 4, "subnet": "invalid CIDR"}},
    ),
    "VP-033": Instead(
        OVERLAP, {"outcome": "reject", "at": ["spec.ips[0]"], "codes": ["address-overlap"]}
    ),
    "VP-054": Instead(NO_SUBNETS, {"outcome": "accept"}),
    "VP-062": Instead(
        VALIDATED, {"outcome": "reject", "at": ["spec.nodeAffinity.matchExpressions[0].operator"]}
    ),
    "VP-064": Instead(
        VALIDATED,
        {
            "outcome": "reject",
            "at": [
                "spec.multusName[0]",
                "spec.multusName[1]",
                "spec.multusName[2]",
                "spec.nodeName[0]",
                "spec.namespaceName[0]",
                "spec.namespaceName[1]",
            ],
        },
    ),
    "VP-079": Instead(
        ONE_PARSER,
        {"outcome": "reject", "at": ["spec.ips[0]"], "codes": ["reversed-range"]},
        {"op": "create", "pool": {"subnet": "10.0.0.0/24", "ips": ["10.0.0.5-10.0.0.1"]}},
    ),
    "VP-084": Instead(POOL_IN_USE, {"outcome": "reject"}),
    "VP-090": Instead(ONE_STEP, {"outcome": "reject", "at": ["spec.ips"]}),
    "SE-037": Instead(ZERO_CANDIDATES, {"error": "no-candidate", "candidates": [{"ipv4": []}]}),
    "SE-041": Instead(BAD_PATTERNS, {"error": "invalid-pool-pattern"}),
    "SE-055": Instead(NO_SUBNETS, {"error": "not-supported"}),
    "SE-064": Instead(NO_SUBNETS, {"error": "not-supported"}),
    "FI-010": Instead(
        VALIDATED,
        {"refused": {"spec.nodeAffinity.matchExpressions[0].operator": "invalid-selector"}},
    ),
    "FI-011": Instead(
        VALIDATED, {"refused": {"spec.nodeAffinity.matchExpressions[0].values": "invalid-selector"}}
    ),
    "FI-026": Instead(NETWORK_LOOKUP, {"keep": True}),
    "FI-038": Instead(CORE_GROUP, {"keep": True}),
    "FI-041": Instead(
        EVERY_CHECK,
        {
            "error": "no-matching-pool",
            "failed checks of each": {
                "p1": ["nodeAffinity"],
                "p2": ["nodeAffinity", "namespaceName"],
            },
        },
        {
            "pools": [
                {"name": "p1", "nodeAffinity": _BAD_ZONE},
                {"name": "p2", "nodeAffinity": _BAD_ZONE, "namespaceName": ["o"]},
            ],
            "pod": _WEB,
            "nic": "eth0",
            "family": 4,
        },
    ),
    "SO-017": Instead(
        RANDOM_ORDER, {"order": ["a", "b", "c"], "order if reversed": ["c", "b", "a"]}
    ),
    "SO-018": Instead(
        RANDOM_ORDER, {"order": ["many", "one"], "order if reversed": ["one", "many"]}
    ),
    "AL-005": Instead(KUBEVIRT, {"address": "172.18.40.41/24", "recordKey": "default/pod"}),
    "AL-012": Instead(ADDRESS_ORDER, {"addresses": ["10.0.0.5/24"]}),
    "AL-038": Instead(STATUS_NOT_READ, {"error": None, "address": "10.0.0.5/24"}),
    "AL-051": Instead(BOUNDED_WAIT, {"error": "store-busy"}),
    "RE-005": Instead("errors of the store have codes of their own", {"error": "store-failed"}),
    "RE-006": Instead(POOL_IN_USE, {"error": "in-use"}),
    "RE-009": Instead(
        "only a tenant takes over what it holds; the record of another is not looked at",
        {
            "error": "pool-exhausted",
            "records": {"172.18.40.40": {"pod": "default/pod", "podUid": "u"}},
        },
    ),
    "RE-011": Instead(DEL, {"records": {}, "resting": True, "again": ["10.0.0.5/24"]}),
    "GC-013": Instead(ABSENT, {"releaseIP": False}),
    "GC-017": Instead(TWO_SIGHTINGS, {"at first sight": False, "releaseIP": True}),
    "GC-019": Instead(ABSENT, {"releaseIP": False}),
    "GC-022": Instead(ABSENT, {"releaseIP": False}),
    "GC-023": Instead(ABSENT, {"releaseIP": False}),
    "RE-020": Instead(
        "a Pod that no StatefulSet made is none of its ordinals: its address rests, no error",
        {"valid": False},
    ),
}

NOT_RUN: dict[str, str] = {
    "VP-002": NO_FINALIZERS,
    "VP-093": "a reservation is deleted at once, so none is ever terminating",
    **dict.fromkeys(["SE-056", "SE-059", "SE-061", "SE-069", "SE-070", "SE-071"], NO_SUBNETS),
    "AL-052": BOUNDED_WAIT,
    "GC-005": WHOLE_LIST,
    "RE-028": NO_CONFLICT_DETECTION,
}
