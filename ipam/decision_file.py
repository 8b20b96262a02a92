"""A kept decision as a document, to be carried elsewhere and replayed there; and back.

{"kind": "Decision", "version": 1, "id", "at", "pod", "nic", "outcome", "rulesDigest",
 "claims": [{"family", "pool", "address"}],
 "facts", "asked", "source", "families", "error"      as kept (ipam/evidence.py)
 "rules": {DIGEST: {"language", "text", "spans"}}}
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from model.errors import ConfigurationError
from model.facts_json import facts_from_json
from model.kept_decisions import KeptDecision, RuleText

if TYPE_CHECKING:
    from ipam.replay import Replay

KIND, VERSION = "Decision", 1
EVIDENCE = ("facts", "asked", "source", "families", "error")
# What Python raises on JSON values of another shape than expected.
MISSHAPEN = (LookupError, TypeError, ValueError, AttributeError)


def time_text(at_seconds: int) -> str:
    """A time as `2026-11-17T10:00:00Z`."""
    return datetime.fromtimestamp(at_seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def decision_document(kept: KeptDecision) -> dict[str, object]:
    """The document of a kept decision, plain JSON values."""
    return {
        "kind": KIND,
        "version": VERSION,
        "id": kept.number,
        "at": time_text(kept.at_seconds),
        "pod": kept.pod_text or None,
        "nic": kept.nic,
        "outcome": kept.outcome,
        "rulesDigest": kept.rules_digest,
        "claims": [
            {"family": family, "pool": pool, "address": address}
            for family, pool, address in kept.claims
        ],
        **{key: kept.evidence[key] for key in EVIDENCE},
        "rules": {
            digest: {
                "language": rule.language,
                "text": rule.text,
                "spans": [list(s) for s in rule.spans],
            }
            for digest, rule in kept.texts.items()
        },
    }


def read_decision(document: Any, name: str) -> KeptDecision:
    """The decision of a document that `decision_document` made; `name` is that of its file.

    ConfigurationError `invalid-decision` for anything else, and for a newer version.
    """
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise _invalid(name, "it is no exported decision")
    if document.get("version") != VERSION:
        raise _invalid(
            name,
            f"it has version `{document.get('version')}`, and this program knows {VERSION}",
            "use the program that wrote it, or a newer one",
        )
    try:
        return _decision(document)
    except MISSHAPEN as error:
        raise _misshapen(name) from error


def of_file(name: str, work: Callable[[], Replay]) -> Replay:
    """What `work` makes of a decision from a file: it may be of another shape deep inside."""
    try:
        return work()
    except MISSHAPEN as error:
        raise _misshapen(name) from error


def _decision(document: dict[str, Any]) -> KeptDecision:
    namespace, _, pod = (document["pod"] or "/").partition("/")
    evidence = {key: document[key] for key in EVIDENCE}
    facts_from_json(evidence["facts"])
    return KeptDecision(
        int(document["id"]),
        int(datetime.fromisoformat(document["at"]).timestamp()),
        namespace,
        pod,
        document["nic"],
        document["outcome"],
        document["rulesDigest"],
        evidence,
        [(int(c["family"]), c["pool"], c["address"]) for c in document["claims"]],
        {
            digest: RuleText(rule["language"], rule["text"], rule["spans"])
            for digest, rule in document["rules"].items()
        },
    )


def _misshapen(name: str) -> ConfigurationError:
    return _invalid(name, "a part of it is missing or of another shape")


def _invalid(name: str, problem: str, hint: str = "") -> ConfigurationError:
    return ConfigurationError(
        f"`{name}` cannot be replayed: {problem}",
        hint or "`poolweaver replay DECISION --export` writes such a file",
        code="invalid-decision",
    )
