"""Pools to rules, and rules to the rows that a decision reads.

    PoolSpec ──compile_pool──> PoolBlock ──print──> text ──parse──> PoolBlock ──lower──> PoolRules
                                                      └────────── sha256 ──────────────> digest

The rows come from the parsed text, so what is shown is what is done.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from grammar.parse import parse
from grammar.printer import print_rules
from grammar.tree import Clause, PoolBlock, Rank, Require, Ruleset, Shadowed
from model.intervals import subtract
from model.pools import PoolRecord, ServingPool
from model.rules import LANGUAGE_VERSION, Check, PoolRules
from model.spans import Span
from policy.anchors import filing
from policy.auto_pools import auto_checks, is_auto_created
from policy.manifest import pool_manifest
from policy.places import Path
from policy.pool_spec import PoolSpec
from policy.ranks import sort_key
from policy.resources.shapes import LabelSelector
from policy.selectors import located_checks


def compile_pool(pool: PoolSpec, install_namespace: str) -> PoolBlock:
    """The rules of a pool; each clause has the span of what it comes from in the manifest.

    A `multusName` without namespace means `install_namespace`.
    """
    return PoolBlock(pool.name, tuple(_clauses(pool, install_namespace)), span=pool.document.span())


def _clauses(pool: PoolSpec, install_namespace: str) -> Iterator[Clause]:
    yield _family(pool)
    yield from _pod(pool)
    yield from _named(pool, "nodeName", "node.name", pool.node_name)
    yield from _selected(pool, "nodeAffinity", pool.node_affinity, "nodeName", pool.node_name)
    yield from _named(pool, "namespaceName", "namespace.name", pool.namespace_name)
    yield from _selected(
        pool, "namespaceAffinity", pool.namespace_affinity, "namespaceName", pool.namespace_name
    )
    networks = tuple(
        name if "/" in name else f"{install_namespace}/{name}" for name in pool.multus_name
    )
    yield from _named(pool, "multusName", "nic.network", networks)
    yield from pool.extensions.require
    yield Rank(tuple(_ranked(pool)), pool.extensions.priority, span=pool.document.span())


def _family(pool: PoolSpec) -> Require:
    check: Check = ("", "ip.family", "", "=", (str(pool.subnet.family),))
    written = pool.document.data["spec"].get("ipVersion") is not None
    return Require(check, span=pool.document.span(("spec", "ipVersion" if written else "subnet")))


def _pod(pool: PoolSpec) -> Iterator[Clause]:
    if pool.pod_affinity is not None and is_auto_created(pool.labels):
        span = pool.document.span(("spec", "podAffinity"))
        yield from (Require(check, span=span) for check in auto_checks(pool.pod_affinity))
    else:
        yield from _selected(pool, "podAffinity", pool.pod_affinity, "", ())


def _named(pool: PoolSpec, field: str, subject: str, names: tuple[str, ...]) -> Iterator[Clause]:
    if names:
        check: Check = (field, subject, "", "in", tuple(sorted(set(names))))
        yield Require(check, span=pool.document.span(("spec", field)))


def _selected(
    pool: PoolSpec,
    field: str,
    selector: LabelSelector | None,
    name_field: str,
    names: tuple[str, ...],
) -> Iterator[Clause]:
    """The selector's checks; where a list of names stands beside it, they do not filter."""
    if selector is None:
        return
    subject = field.removesuffix("Affinity") + ".label"
    for path, check in located_checks(field, subject, selector):
        here: Path = ("spec", field, *path)
        span = pool.document.key_span(here)
        if names:
            note = f"{name_field} is present, so this does not filter"
            yield Shadowed(check, trailing=note, span=span)
        else:
            yield Require(check, span=span)


def _ranked(pool: PoolSpec) -> Iterator[str]:
    """The affinity fields present, in the order of RANK_FIELDS; an empty selector is present."""
    present = {
        "podAffinity": pool.pod_affinity is not None,
        "nodeName": bool(pool.node_name),
        "nodeAffinity": pool.node_affinity is not None,
        "namespaceName": bool(pool.namespace_name),
        "namespaceAffinity": pool.namespace_affinity is not None,
        "multusName": bool(pool.multus_name),
    }
    return (field for field, there in present.items() if there)


def lower(
    block: PoolBlock,
    digest: str = "",
    spans: tuple[Span, ...] | None = None,
    *,
    default: bool = False,
    disabled: bool = False,
    terminating: bool = False,
) -> PoolRules:
    """The rows of a parsed block: what filters, and how it ranks.

    `spans` has one span a `require` clause; by default, where the clauses stand in their text. A
    block without `ip.family` serves IPv4, one without `rank` ranks last.
    """
    requires = [clause for clause in block.clauses if isinstance(clause, Require)]
    ranks = [clause for clause in block.clauses if isinstance(clause, Rank)]
    families = [clause.check[4][0] for clause in requires if clause.check[1] == "ip.family"]
    return PoolRules(
        name=block.name,
        family=int(families[0]) if families else 4,
        checks=tuple(clause.check for clause in requires),
        ranked=ranks[0].fields if ranks else (),
        priority=ranks[0].priority if ranks else 0,
        default=default,
        disabled=disabled,
        terminating=terminating,
        digest=digest,
        spans=tuple(clause.span for clause in requires) if spans is None else spans,
    )


def pool_record(pool: PoolSpec, install_namespace: str) -> PoolRecord:
    """The whole pool, ready for a store: rows, text, numbers and manifest."""
    block = compile_pool(pool, install_namespace)
    text = print_rules(Ruleset(LANGUAGE_VERSION, (block,)))
    parsed = parse(text).pools[0]
    assert parsed == block, f"the printed rules of {pool.name} read back differently"
    spans = tuple(clause.span for clause in block.clauses if isinstance(clause, Require))
    digest = hashlib.sha256(text.encode()).hexdigest()
    rules = lower(
        parsed,
        digest,
        spans,
        default=pool.default,
        disabled=pool.disable,
        terminating=bool(pool.deleted_at),
    )
    return PoolRecord(
        serving=ServingPool(
            rules, pool.subnet.first, pool.subnet.prefix_bits, pool.gateway, pool.routes
        ),
        ranges=subtract(pool.ips.ranges, pool.exclude.ranges),
        manifest=pool_manifest(pool),
        rule_text=text,
        quarantine_seconds=pool.extensions.quarantine_seconds,
        sort=sort_key(rules),
        alternatives=filing(rules.checks),
    )
