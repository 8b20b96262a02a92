"""`too-few-addresses`: workloads ask for more addresses than the pools have that they may use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policy.lint.asks import Ask
from policy.lint.at_record import at_record
from policy.lint.finding import WARNING, Finding, Related
from policy.lint.holdings import Room, rooms
from policy.lint.linted import Linted
from policy.lint.reach import Reach
from policy.lint.rule import Rule
from policy.lint.shortages import Shortage, shortages
from policy.places import Path
from policy.wording import shown

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Demand:
    """Addresses that a workload asks of some pools: `number`, and `surge` more for a while."""

    ask: Ask
    number: int
    surge: int
    pools: frozenset[str]


def _find(linted: Linted) -> Iterator[Finding]:
    demands = _demands(linted)
    rooms_of = rooms(
        linted.asked, {p for all_of in demands.values() for d in all_of for p in d.pools}
    )
    capacities = {name: room.free for name, room in rooms_of.items()}
    for family, of_family in demands.items():
        together = []
        for own in _by_ask(of_family):
            short = _alone(own, capacities)
            yield from (
                _finding(linted, family, own, one, rooms_of, alone=True) for one in short or ()
            )
            together += [] if short else own
        for one in shortages([(d.number, d.pools) for d in together], capacities) or ():
            yield _finding(linted, family, together, one, rooms_of, alone=False)


def _alone(own: list[_Demand], capacities: Mapping[str, int]) -> list[Shortage] | None:
    """What a workload lacks by itself, surge included. Mostly one of its pools has room for all."""
    total = sum(demand.number + demand.surge for demand in own)
    shared = frozenset.intersection(*(demand.pools for demand in own))
    if any(capacities[name] >= total for name in shared):
        return []
    return shortages([(demand.number + demand.surge, demand.pools) for demand in own], capacities)


def _demands(linted: Linted) -> dict[int, list[_Demand]]:
    """What everybody asks for, by family. Who finds no pool at all is left to another rule."""
    found: dict[int, list[_Demand]] = {4: [], 6: []}
    for ask in linted.asked.asks:
        for interface in linted.asked.reaches.interfaces(ask.pod):
            for family, reach in (interface.families or {}).items():
                found[family].extend(demand for demand in _of(ask, reach) if demand.pools)
    return found


def _of(ask: Ask, reach: Reach) -> Iterator[_Demand]:
    everywhere = frozenset(reach.everywhere)
    if not ask.a_node:
        there = (name for name, nodes in reach.on_nodes if nodes & ask.nodes)
        if ask.nodes and ask.count:
            yield _Demand(ask, ask.count, ask.surge, everywhere.union(there))
        return
    parts: list[tuple[int, frozenset[str]]] = [(ask.nodes, everywhere)]
    for name, nodes in reach.on_nodes:  # Nodes with the same pools stay together
        parts = [
            (part, pools)
            for before, has in parts
            for part, pools in ((before & nodes, has | {name}), (before & ~nodes, has))
            if part
        ]
    yield from (_Demand(ask, nodes.bit_count(), 0, pools) for nodes, pools in parts if nodes)


def _by_ask(demands: list[_Demand]) -> list[list[_Demand]]:
    found: dict[int, list[_Demand]] = {}
    for demand in demands:
        found.setdefault(id(demand.ask), []).append(demand)
    return list(found.values())


def _finding(
    linted: Linted,
    family: int,
    demands: list[_Demand],
    short: Shortage,
    rooms_of: dict[str, Room],
    *,
    alone: bool,
) -> Finding:
    involved = [demands[place] for place in short.demands]
    pools = sorted(short.pools)
    number = sum(demand.number for demand in involved)
    surge = sum(demand.surge for demand in involved) if alone else 0
    free = sum(rooms_of[name].free for name in pools)
    who = _who(involved, number, surge, family, alone=alone)
    message = f"{who}, and {_room(rooms_of, pools, alone=alone)}"
    missing = number + surge - free
    add = f"add {missing} address{'' if missing == 1 else 'es'} to {_one_of(pools)}"
    hint = f"{add}, or {_fewer(involved, surge)}"
    record = involved[0].ask.record
    spec: Any = record.manifest.get("spec") or {}
    path: Path = ("spec", "replicas") if "replicas" in spec else ("metadata", "name")
    return at_record(
        RULE,
        linted.cluster,
        record,
        path,
        (message, hint),
        f"IPv{family} {' '.join(pools)}",
        _related(linted, involved, pools),
    )


def _who(involved: list[_Demand], number: int, surge: int, family: int, *, alone: bool) -> str:
    total = number + surge
    noun = f"IPv{family} address{'' if total == 1 else 'es'}"
    first = involved[0].ask
    if not alone:
        sums: dict[str, int] = {}
        for demand in involved:
            sums[demand.ask.title] = sums.get(demand.ask.title, 0) + demand.number
        names = _listed([f"{_title(title)} ({each})" for title, each in sums.items()])
        return f"{names} ask{'' if len(sums) > 1 else 's'} together for {total} {noun}"
    why = f" ({number} for its Pods, and {surge} more during a rolling update)" if surge else ""
    why = f" (one on each of {number} Nodes)" if first.a_node else why
    return f"{_title(first.title)} asks for {total} {noun}{why}"


def _room(rooms_of: dict[str, Room], pools: list[str], *, alone: bool) -> str:
    they = "it" if alone else "they"
    if len(pools) == 1:
        (name,) = pools
        return f"the only pool that {they} may use, {shown(name)}, has {rooms_of[name].text}"
    free = sum(rooms_of[name].free for name in pools)
    each = _listed([f"{shown(name)} has {rooms_of[name].text}" for name in pools])
    return f"the {len(pools)} pools that {they} may use have {free}: {each}"


def _fewer(involved: list[_Demand], surge: int) -> str:
    if involved[0].ask.a_node:
        return "let it run on fewer Nodes"
    return "lower `replicas` or `maxSurge`" if surge else "ask for fewer"


def _one_of(pools: list[str]) -> str:
    return "it" if len(pools) == 1 else "one of them"


def _title(title: str) -> str:
    kind, _, name = title.partition(" ")
    return f"{kind} {shown(name)}"


def _listed(parts: list[str]) -> str:
    more = len(parts) - _MOST_NAMED
    return ", ".join(parts[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _related(linted: Linted, involved: list[_Demand], pools: list[str]) -> tuple[Related, ...]:
    """Where the pools and the other workloads stand, a few of them."""
    found = [
        Related(linted.by_name[name].document.span(("spec", "ips")), f"the pool {shown(name)}")
        for name in pools[:_MOST_NAMED]
        if name in linted.by_name
    ]
    titles = {involved[0].ask.title}
    for demand in involved[1:]:
        record, title = demand.ask.record, demand.ask.title
        document = linted.cluster.documents.get((record.kind, record.namespace, record.name))
        if document is not None and title not in titles and len(titles) < _MOST_NAMED:
            titles.add(title)
            found.append(Related(document.span(("metadata", "name")), _title(title)))
    return tuple(found)


RULE = Rule(
    "too-few-addresses",
    WARNING,
    "workloads ask for more addresses than the pools have that they may use",
    _find,
    needs=("Node", "Namespace"),
)
