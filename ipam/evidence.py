"""What a decision looked at, as the JSON text that is kept with it. Decision time.

    {"facts":    all that was known of Pod, Namespace, Node and interface (model/facts_json.py)
     "asked":    {"cniDefaults", "families", "addresses"}   what the call and the settings asked for
     "source":   who named the candidates, or null
     "families": [{"family", "considered", "complete", "histogram", "pools"}]
     "error":    null or {"code", "message", "hint"}}

A pool is {"pool", "digest", "rank", "outcome", "free", "failed", "unknown", "default", "disabled",
"terminating"}, in candidate order. `failed` and `unknown` are the places of checks. At most
`MOST_POOLS` of a family are kept, those that stand first; `complete` says whether these are all,
`considered` how many there were.
"""

from __future__ import annotations

from model.facts import PodFacts
from model.facts_json import facts_to_json
from model.fast_json import dumps
from policy.networks import DEFAULT_NETWORK, NETWORKS
from policy.pool_annotations import PREFIX
from policy.reasons import histogram, nearest_misses

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.request import Request
    from model.decisions import Candidate, FamilyDecision, Refusal
    from model.facts import Facts
    from model.rules import PoolRules

MOST_POOLS = 32
# Longer values of annotations that no rule looks at are left out: other tools keep whole manifests.
LONGEST_VALUE = 1024


def evidence_text(
    facts: Facts,
    request: Request,
    enabled: Sequence[int],
    source: str,
    families: Sequence[tuple[FamilyDecision, Sequence[PoolRules], bool]],
    error: Refusal | None = None,
) -> str:
    """The JSON text of a decision's evidence.

    `families` holds each family's decision, the rules of its pools in candidate order (those that
    `kept` names at least), and whether the decision holds all candidates there were.
    """
    rules = [pool for _, pools, _ in families for pool in pools]
    return dumps(
        {
            "facts": facts_to_json(_shortened(facts, rules)),
            "asked": {
                "cniDefaults": {str(f): list(n) for f, n in request.cni_defaults.items()},
                "families": list(enabled),
                "addresses": {str(f): number for f, number in request.addresses.items()},
            },
            "source": source or None,
            "families": [_family(*family) for family in families],
            "error": error.to_json() if error else None,
        }
    )


def kept(family: FamilyDecision) -> list[Candidate]:
    """The candidates that are kept: those that stand, then the nearest misses."""
    standing = [candidate for candidate in family.candidates[:MOST_POOLS] if candidate.rank]
    if family.considered <= MOST_POOLS:
        return list(family.candidates)
    return [*standing, *nearest_misses(family, MOST_POOLS - len(standing))]


def _family(
    family: FamilyDecision, pools: Sequence[PoolRules], complete: bool
) -> dict[str, object]:
    candidates = {candidate.pool: candidate for candidate in kept(family)}
    total = family.considered
    return {
        "family": family.family,
        "considered": total,
        "complete": complete and len(candidates) == total,
        "histogram": [] if len(candidates) == total else [list(r) for r in histogram(family)],
        "pools": [_pool(pool, candidates[pool.name]) for pool in pools if pool.name in candidates],
    }


def _pool(pool: PoolRules, candidate: Candidate) -> dict[str, object]:
    checks = list(enumerate(candidate.checks))
    return {
        "pool": pool.name,
        "digest": pool.digest,
        "rank": candidate.rank or None,
        "outcome": candidate.outcome,
        "free": candidate.free,
        "failed": [place for place, check in checks if check.ok is False],
        "unknown": [place for place, check in checks if check.ok is None],
        "default": pool.default,
        "disabled": pool.disabled,
        "terminating": pool.terminating,
    }


def _shortened(facts: Facts, rules: Sequence[PoolRules]) -> Facts:
    """The facts without long annotations of the Pod that decide nothing."""
    pod = facts.pod
    if not isinstance(pod, PodFacts) or all(
        len(value) <= LONGEST_VALUE for value in pod.annotations.values()
    ):
        return facts
    asked = {check[2] for pool in rules for check in pool.checks if check[1] == "pod.annotation"}
    annotations = {
        key: value
        for key, value in pod.annotations.items()
        if len(value) <= LONGEST_VALUE or key in asked or _names_something(key)
    }
    return facts.replace(pod=pod.replace(annotations=annotations))


def _names_something(key: str) -> bool:
    """Whether the annotation names pools, routes or networks."""
    return key.startswith(PREFIX) or key in (DEFAULT_NETWORK, NETWORKS)
