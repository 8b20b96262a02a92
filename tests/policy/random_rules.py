"""Random rules and facts over few words, so that they meet: for laws about decisions."""

from __future__ import annotations

from hypothesis import strategies as st

from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts, Unknown
from model.rules import RANK_FIELDS, SUBJECTS, Check, PoolRules
from policy.evaluate import evaluate
from policy.networks import DEFAULT_NETWORK

WORDS = st.sampled_from(["", "a", "b", "c"])
KEYS = st.sampled_from(["k", "l", "m"])
VALUES = st.lists(WORDS, min_size=1, max_size=3, unique=True).map(
    lambda found: tuple(sorted(found))
)
GLOBS = st.sampled_from(["*", "a*", "?", "[ab]", "b"])
TEXT_SUBJECTS = [subject for subject in SUBJECTS if subject != "ip.family"]
NAMES = st.integers(0, 40).map(lambda number: f"pool-{number}")
# Values that facts can have where they are not among WORDS.
NETWORKS = ("kube-system/a", "kube-system/b")


@st.composite
def checks(draw: st.DrawFn) -> Check:
    """Any operator over any subject; a network's value is often one that facts can have."""
    subject = draw(st.sampled_from(TEXT_SUBJECTS))
    key = draw(KEYS) if SUBJECTS[subject] else ""
    field = draw(st.sampled_from(["", "annotation", *RANK_FIELDS]))
    operator = draw(st.sampled_from(["=", "in", "in", "not in", "exists", "absent", "matches"]))
    values: tuple[str, ...] = ()
    if operator == "matches":
        values = (draw(GLOBS),)
    elif operator in ("in", "not in"):
        values = draw(VALUES)
        if subject == "nic.network":
            values = (*NETWORKS[: draw(st.integers(1, 2))], *values)
    elif operator == "=":
        values = (draw(WORDS),)
    return field, subject, key, operator, values


@st.composite
def rules(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES) -> PoolRules:
    """A pool of either family, now and then without checks, disabled, terminating or not default."""
    family = draw(st.sampled_from([4, 4, 4, 6]))
    required = draw(st.lists(checks(), max_size=4))
    seldom = st.integers(0, 9).map(lambda number: number == 0)
    return PoolRules(
        draw(names),
        family,
        (("", "ip.family", "", "=", (str(family),)), *required),
        tuple(f for f in RANK_FIELDS if f in {check[0] for check in required}),
        draw(st.sampled_from([0, 0, 0, 1, -1, 2**63 - 1, -(2**63)])),
        default=not draw(seldom),
        disabled=draw(seldom),
        terminating=draw(seldom),
    )


LABELS = st.dictionaries(KEYS, WORDS, max_size=3)
UNKNOWN = st.just(Unknown("it", "nobody applied it", "apply it"))


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """A Pod or none, on a node or not; each section known or, less often, not."""
    names = st.sampled_from(["a", "b", "c"])
    pod_name, node_name = draw(st.sampled_from(["", "a", "b", "ab"])), draw(WORDS)
    annotations = draw(LABELS)
    network = draw(st.sampled_from(["", "", "a", "b", "{malformed"]))
    if network:
        annotations[DEFAULT_NETWORK] = network
    pod = PodFacts("a", pod_name, draw(LABELS), annotations, "", draw(WORDS), draw(WORDS))
    return Facts(
        draw(names),
        pod_name,
        node_name,
        draw(st.sampled_from(["eth0", "net1", "a"])),
        draw(st.one_of(st.just(pod), st.just(pod), st.just(pod), UNKNOWN)),
        draw(st.one_of(LABELS.map(lambda labels: NamespaceFacts("a", labels, {})), UNKNOWN)),
        draw(st.one_of(LABELS.map(lambda labels: NodeFacts("a", labels)), UNKNOWN)),
    )


FACTS, POOLS = facts(), st.lists(rules(), max_size=25, unique_by=lambda pool: pool.name)

_OPPOSITE = {
    "=": "not in",
    "in": "not in",
    "not in": "in",
    "exists": "absent",
    "absent": "exists",
    "matches": "absent",
}


def suited(candidate: PoolRules, world: Facts, spare: int) -> PoolRules:
    """The pool with every failing check but number `spare` turned into its opposite.

    Pools drawn at random hardly ever match; these do, or fail in a single check.
    """
    turned = []
    for place, check in enumerate(candidate.checks):
        field, subject, key, operator, values = check
        fails = evaluate(world, candidate.family, check).ok is False
        if fails and place != spare and subject != "ip.family":
            opposite = _OPPOSITE[operator]
            turned.append(
                (field, subject, key, opposite, () if opposite in ("exists", "absent") else values)
            )
        else:
            turned.append(check)
    return candidate.replace(checks=tuple(turned))


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Facts, list[PoolRules]]:
    """Facts, and pools many of which stand."""
    world = draw(FACTS)
    spares = st.sampled_from([0, 0, 1, 2])
    return world, [
        suited(one, world, draw(spares)) if draw(st.booleans()) else one for one in draw(POOLS)
    ]
