"""A kept decision judged again: its own facts, its own rule texts, the naive evaluator."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from grammar.parse import parse
from model.decisions import Candidate, Decision, FamilyDecision, Refusal
from model.errors import NotFoundError, RuleError
from model.facts_json import facts_from_json
from model.spans import Span
from policy.compile import lower
from policy.evaluate import decide_family, look_up

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from model.kept_decisions import KeptDecision
    from model.rules import PoolRules


def rejudge(kept: KeptDecision) -> Decision:
    """The decision as this program takes it, of the pools that are kept; its refusal as kept.

    `NotFoundError` where a rule text is not there any more, `RuleError` where it is in a newer
    version of the language.
    """
    facts = facts_from_json(kept.evidence["facts"])
    families = [
        decide_family(facts, one["family"], kept.evidence["source"], _rules(kept, one), _free(one))
        for one in kept.evidence["families"]
    ]
    error = kept.evidence["error"]
    return Decision(
        kept.pod_text,
        facts.nic,
        look_up(facts, 4, "nic.network", "")[0] or "",
        facts.node_name,
        [_addressed(kept, family) for family in families],
        Refusal(error["code"], error["message"], error["hint"]) if error else None,
    )


def judged_or_told(kept: KeptDecision) -> Decision:
    """`rejudge`, or the outcomes without checks, as recorded, where its rules are lost."""
    try:
        return rejudge(kept)
    except (NotFoundError, RuleError):
        told = [_told(kept, family) for family in kept.evidence["families"]]
        bare = kept.replace(evidence={**kept.evidence, "families": []})
        note = "the rules of then are not kept any more: the checks cannot be shown"
        return rejudge(bare).replace(families=told, notes=(note,))


def _told(kept: KeptDecision, family: Mapping[str, Any]) -> FamilyDecision:
    candidates = [
        Candidate(pool["pool"], pool["outcome"], pool["rank"] or 0, pool["free"], ())
        for pool in sorted(family["pools"], key=lambda pool: pool["rank"] or len(family["pools"]))
    ]
    return FamilyDecision(family["family"], kept.evidence["source"], candidates)


def _addressed(kept: KeptDecision, family: FamilyDecision) -> FamilyDecision:
    found = [address for number, _, address in kept.claims if number == family.family]
    return family.replace(address=found[0]) if found else family


def _rules(kept: KeptDecision, family: Mapping[str, Any]) -> list[PoolRules]:
    return [_pool_rules(kept, pool) for pool in family["pools"]]


def _pool_rules(kept: KeptDecision, pool: Mapping[str, Any]) -> PoolRules:
    """The rules of a pool as they were, parsed from their text."""
    name, digest = pool["pool"], pool["digest"]
    rule = kept.texts.get(digest)
    if rule is None or sha256(rule.text.encode()).hexdigest() != digest:
        lost = "is lost" if rule is None else "is another than its digest says"
        raise NotFoundError(
            f"decision {kept.number} cannot be replayed: the rule text of pool `{name}` {lost}",
            "`poolweaver explain --last` shows what was recorded of a refusal",
            code="rule-text-missing",
        )
    block = parse(rule.text, f"<rules of {name}>").pools[0]
    rules = lower(
        block,
        digest,
        default=bool(pool["default"]),
        disabled=bool(pool["disabled"]),
        terminating=bool(pool["terminating"]),
    )
    spans = tuple(Span(*span) for span in rule.spans)
    return rules.replace(spans=spans if len(spans) == len(rules.checks) else ())


def _free(family: Mapping[str, Any]) -> dict[str, int] | None:
    """The counts that the decision saw; None where it counted nothing."""
    counts = {pool["pool"]: pool["free"] for pool in family["pools"]}
    return None if any(count is None for count in counts.values()) else counts
