"""overlap, witness, :unknown, eval: what rules mean, beyond the Pod at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.decision_text import check_text
from cli.repl.answer import Answer
from cli.repl.registry import PATHS, POOLS, Command
from cli.yaml_text import yaml_text
from grammar.parse import parse, parse_clauses
from grammar.tree import Require
from model.errors import ConfigurationError
from model.rules import check_text as rule_text
from policy.evaluate import evaluate, sorted_by_rank
from policy.fact_paths import SECTIONS, parse_path
from policy.normal.answer import NO, UNKNOWN, YES
from policy.normal.answer import Answer as Truth
from policy.normal.box import box_of, equivalent, implies, overlaps, satisfiable
from policy.normal.domains import NETWORK, place_of
from policy.normal.witness import witness_of
from policy.pool_annotations import IPPOOL
from policy.reasons import miss_text
from policy.residual import ALWAYS, IF, Residual, residual
from policy.select import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cli.repl.language import Statement
    from cli.repl.session import Session
    from model.decisions import CheckResult
    from model.rules import Check, PoolRules
    from policy.normal.box import Box
    from policy.normal.domains import Place

FIRST_RULES = "rules 1\n"


def _overlap(session: Session, statement: Statement) -> Answer:
    """The pools that some Pod matches besides this one, each with such a Pod."""
    (name,) = statement.words()
    mine = session.pool(name).serving.rules
    box = box_of(mine.checks)
    if satisfiable(box) is NO:
        text = f"no Pod matches {name}, so nothing overlaps with it: its requirements contradict"
        return Answer(text, {"pool": name, "satisfiable": "no", "overlaps": []})
    rows = [
        _relation(box, other.serving.rules)
        for other in session.world.store.pools.list()
        if other.name != name and other.serving.rules.family == mine.family
    ]
    met = [row for row in rows if row is not None]
    lines = [line for row in met for line in _relation_lines(name, row)]
    if not met:
        lines = [f"no other IPv{mine.family} pool overlaps with {name}"]
    data = {"pool": name, "satisfiable": satisfiable(box).value, "overlaps": met}
    return Answer("\n".join(lines), data)


def _relation(box: Box, rules: PoolRules) -> dict[str, object] | None:
    """How another pool stands to the box; None where no Pod is in both."""
    other = box_of(rules.checks)
    found = overlaps(box, other)
    if found is NO:
        return None
    witness = witness_of(box.meet(other)) if found is YES else None
    return {
        "pool": rules.name,
        "overlaps": found.value,
        "relation": _how(box, other),
        "witness": witness.text() if witness else None,
    }


def _how(box: Box, other: Box) -> str:
    """`same`, `inside` the other, `around` the other, or `some`: Pods of each are not in both."""
    if equivalent(box, other) is YES:
        return "same"
    if implies(box, other) is YES:
        return "inside"
    return "around" if implies(other, box) is YES else "some"


def _relation_lines(name: str, row: dict[str, object]) -> Iterator[str]:
    other = row["pool"]
    if row["overlaps"] == UNKNOWN.value:
        yield f"{other}: perhaps; a glob keeps it from being known"
        return
    yield {
        "same": f"{other}: matches the very same Pods",
        "inside": f"{other}: every Pod that matches {name} matches {other}, too",
        "around": f"{other}: every Pod that matches {other} matches {name}, too",
        "some": f"{other}: some Pods match both",
    }[str(row["relation"])]
    if row["witness"]:
        yield f"  such as {row['witness']}"


def _witness(session: Session, statement: Statement) -> Answer:
    """A Pod that the pool's rules let in, as manifests."""
    (name,) = statement.words()
    rules = session.pool(name).serving.rules
    box = box_of(rules.checks)
    truth: Truth = satisfiable(box)
    found = witness_of(box)
    if found is None:
        why = (
            "its requirements contradict each other"
            if truth is NO
            else "a glob keeps it from being known"
        )
        text = f"no Pod is known that matches {name}: {why}"
        return Answer(text, {"pool": name, "satisfiable": truth.value, "manifests": []})
    manifests = found.manifests()
    if not rules.default:
        metadata = manifests[-1]["metadata"]
        named = f'{{"ipv{rules.family}": ["{name}"]}}'
        metadata["annotations"] = {**metadata.get("annotations", {}), IPPOOL: named}
    text = f"# {name} takes {found.text()}\n" + "---\n".join(map(yaml_text, manifests)).rstrip()
    return Answer(text, {"pool": name, "satisfiable": truth.value, "manifests": manifests})


def _unknown(session: Session, statement: Statement) -> Answer:
    """The rules that remain of each candidate when these facts are not known."""
    words = statement.words()
    view = session.view()
    facts = session.facts()
    lines, data = [], []
    for family, pools in view.pools.items():
        lines.append(f"IPv{family}, from {describe(view.candidates.source)}:")
        rules = [session.pool(pool.rules.name).serving.rules for pool in pools]
        ordered = sorted_by_rank(rules, view.candidates.source)
        places = _places(words, ordered)
        found = [residual(facts, pool, places) for pool in ordered]
        lines += [f"  {_residual_text(one)}" for one in found]
        data.append({"family": family, "pools": [one.to_json() for one in found]})
    return Answer("\n".join(lines), data)


def _places(words: Sequence[str], pools: Sequence[PoolRules]) -> set[Place]:
    """The places of facts, and for a section all that these pools look at there."""
    places: set[Place] = set()
    for word in words:
        if word in SECTIONS:
            looked = {place_of(check) for pool in pools for check in pool.checks}
            places |= {one for one in looked if one[0].startswith(f"{word}.")}
            places |= {NETWORK} if word == "pod" else set()
        else:
            subject, key = parse_path(word)
            places.add(place_of(("", subject, key, "exists", ())))
    return places


def _residual_text(one: Residual) -> str:
    if one.verdict == ALWAYS:
        return f"{one.pool}: matches, whatever that is"
    if one.verdict == IF:
        return f"{one.pool}: matches if {' and '.join(map(rule_text, one.left))}"
    if one.state:
        return f"{one.pool}: never, it is {one.state}"
    if one.left:
        return f"{one.pool}: never, {' and '.join(map(rule_text, one.left))} contradict each other"
    return f"{one.pool}: never, {' and '.join(map(miss_text, one.failed))}"


def _eval(session: Session, statement: Statement) -> Answer:
    """Each check of a rule text, on the facts of the Pod."""
    facts = session.facts()
    lines, data = [], []
    for name, checks in _rules(statement.rest):
        families = _families(session, checks)
        for family in families:
            done = [evaluate(facts, family, check) for check in checks]
            verdict = _verdict([one.ok for one in done])
            head = " ".join(
                [*([name] if name else []), *([f"IPv{family}"] if len(families) > 1 else [])]
            )
            lines += [*map(_bare, done), f"{head + ': ' if head else ''}{verdict}"]
            data.append(
                {
                    "pool": name or None,
                    "family": family,
                    "verdict": verdict,
                    "checks": [c.to_json() for c in done],
                }
            )
    return Answer("\n".join(lines), data)


def _bare(check: CheckResult) -> str:
    """The check without a field of a manifest: it comes from none."""
    return check_text(check).replace(f" {check.field}: wants", " wants", 1)


def _verdict(found: Sequence[bool | None]) -> str:
    if False in found:
        return "does not hold"
    return "is not known" if None in found else "holds"


def _families(session: Session, checks: Sequence[Check]) -> list[int]:
    """The families to look at: all enabled ones only where a check tells them apart."""
    enabled = [f for f in (4, 6) if session.world.store.settings.get(f"enable_ipv{f}")]
    return enabled if any(check[1] == "ip.family" for check in checks) else enabled[:1]


def _rules(text: str) -> list[tuple[str, list[Check]]]:
    """(pool or empty, checks) of a check, of `require` clauses, or of a text with pools."""
    word = text.split(None, 1)[0]
    if word in ("rules", "pool"):
        whole = text if word == "rules" else FIRST_RULES + text
        blocks = parse(whole, "<eval>").pools
        if not blocks:
            raise _nothing()
        return [
            (block.name, [one.check for one in block.clauses if isinstance(one, Require)])
            for block in blocks
        ]
    if text.startswith("{") and text.endswith("}"):
        text = text[1:-1].strip()
    if text and not text.startswith("require"):
        text = f"require {text}"
    clauses = parse_clauses(text if text.endswith(";") else f"{text};", "<eval>") if text else ()
    if not clauses:
        raise _nothing()
    return [("", [clause.check for clause in clauses])]


def _nothing() -> ConfigurationError:
    return ConfigurationError(
        "there is no rule to evaluate",
        'write `eval pod.label["app"] = "web"`, or several in braces: `eval { require ...; }`',
        code="invalid-argument",
    )


COMMANDS = (
    Command(
        "overlap",
        "overlap POOL",
        "List the pools that some Pod of this one matches, too.",
        _overlap,
        1,
        1,
        (POOLS,),
    ),
    Command(
        "witness",
        "witness POOL",
        "Write a Pod that the pool's rules let in.",
        _witness,
        1,
        1,
        (POOLS,),
    ),
    Command(
        ":unknown",
        ":unknown FACT...",
        "Show what remains of each pool's rules when these facts are not known.",
        _unknown,
        1,
        None,
        (PATHS,),
    ),
    Command(
        "eval",
        "eval RULE-TEXT",
        "Evaluate rules on the facts of the Pod.",
        _eval,
        1,
        None,
        (PATHS,),
    ),
)
