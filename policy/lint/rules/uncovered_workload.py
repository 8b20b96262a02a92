"""`uncovered-workload`: Pods that find no pool that admits them, on a Node where they may run."""

from __future__ import annotations

from collections.abc import Iterator

from policy.evaluate import decide_family
from policy.lint.asks import Ask
from policy.lint.at_record import at_record
from policy.lint.finding import WARNING, Finding, Related
from policy.lint.linted import Linted
from policy.lint.reach import Interface
from policy.lint.rule import Rule
from policy.networks import FIRST_NIC
from policy.reasons import nearest_misses, why_not
from policy.wording import shown

_MOST_NODES = 3  # that are named
_MOST_JUDGED = 200_000  # pools that are looked at for the nearest, in one run


def _find(linted: Linted) -> Iterator[Finding]:
    asked = linted.asked
    left = _MOST_JUDGED
    for ask in asked.asks:
        if not ask.nodes or ask.pod.phase == "Running":  # a Pod that runs has its address
            continue
        for interface in asked.reaches.interfaces(ask.pod):
            if interface.error:
                yield _erring(linted, ask, interface)
            for family, reach in (interface.families or {}).items():
                nodes = reach.uncovered(ask.nodes)
                if nodes:
                    yield _finding(linted, ask, interface, family, nodes, may_judge=left > 0)
                    left -= len(asked.cluster.pools)


def _erring(linted: Linted, ask: Ask, interface: Interface) -> Finding:
    assert interface.error is not None
    message = f"{_pods(ask, 'get')} no address{_of(interface)}: {interface.error.message}"
    told = (message, interface.error.hint)
    return at_record(RULE, linted.cluster, ask.record, _PATH, told, interface.nic)


def _finding(
    linted: Linted,
    ask: Ask,
    interface: Interface,
    family: int,
    nodes: int,
    *,
    may_judge: bool,
) -> Finding:
    nearest = ""
    related: tuple[Related, ...] = ()
    if may_judge:
        nearest, related = _nearest(linted, ask, interface, family, nodes)
    where = f"{_where(linted, ask, nodes)}{_of(interface)}"
    message = f"{_pods(ask, 'find')} no IPv{family} pool{where}"
    hint = "let a pool admit them, or change their labels, namespace, network or nodes"
    about = f"IPv{family} {interface.nic}"
    return at_record(
        RULE, linted.cluster, ask.record, _PATH, (message + nearest, hint), about, related
    )


def _nearest(
    linted: Linted, ask: Ask, interface: Interface, family: int, nodes: int
) -> tuple[str, tuple[Related, ...]]:
    """Which pool lacks least, and what, as the first of those Nodes sees it."""
    reaches = linted.asked.reaches
    facts = reaches.facts(ask.pod, interface.nic, linted.asked.placement.listed(nodes)[0])
    pools = reaches.candidates(interface, ask.pod, family)
    near = nearest_misses(decide_family(facts, family, interface.source, pools), 1)
    if not near:
        return "", ()
    related = tuple(
        Related(check.span, f"what the pool {shown(near[0].pool)} asks for")
        for check in near[0].failed
        if check.span and near[0].pool in linted.by_name
    )
    return f"; the nearest is {shown(near[0].pool)}: {why_not(near[0])}", related


def _pods(ask: Ask, verb: str) -> str:
    """Who it is, and what becomes of them: `Pod x finds`, `the Pods of Deployment x find`."""
    kind, _, name = ask.title.partition(" ")
    one = f"{kind} {shown(name)}"
    return f"{one} {verb}s" if kind == "Pod" else f"the Pods of {one} {verb}"


def _of(interface: Interface) -> str:
    return "" if interface.nic == FIRST_NIC else f" for the interface {shown(interface.nic)}"


def _where(linted: Linted, ask: Ask, nodes: int) -> str:
    """On which of the Nodes where they may run; empty for all of them."""
    if nodes == ask.nodes:
        return ""
    names = linted.asked.placement.listed(nodes)
    named = ", ".join(map(shown, names[:_MOST_NODES]))
    more = f" and {len(names) - _MOST_NODES} more" if len(names) > _MOST_NODES else ""
    one = len(names) == 1
    return (
        f" on {named}{more}, {len(names)} of the {ask.nodes.bit_count()} Nodes where they may run"
        if not one
        else f" on {named}, one of the {ask.nodes.bit_count()} Nodes where they may run"
    )


_PATH = ("metadata", "name")
RULE = Rule(
    "uncovered-workload",
    WARNING,
    "the Pods of a workload find no pool that admits them",
    _find,
    needs=("Node", "Namespace"),
)
