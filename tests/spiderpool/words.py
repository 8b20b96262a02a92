"""What a case expects, put into our words: upstream's texts become codes, fields and sources.

A code or field on the right stands for one on the left wherever the cases expect it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A piece of upstream's text -> our error code. The first that fits counts.
CODES = (
    ("NotFound", "unknown-pool"),
    ("failed to get original IPPool", "unknown-pool"),
    ("no pool selection rules", "no-candidate"),
    ("wrong input, invalid format of Pod annotation", "invalid-pool-annotation"),
    ("value requires at least one item", "invalid-pool-annotation"),
    ("all specified or all unspecified", "invalid-pool-annotation"),
    ("duplicate interface", "invalid-pool-annotation"),
    ("must be specified", "invalid-pool-annotation"),
    ("duplicate IPPool", "duplicate-pool"),
    ("all IP addresses used out", "pool-exhausted"),
    ("filtered out", "no-matching-pool"),
    ("exhaust all retries", "store-busy"),
)

# A piece of the reason why a pool is dropped -> the affinity field that our explanation marks.
FIELDS = (
    ("unmatched Node name", "nodeName"),
    ("unmatched Node affinity", "nodeAffinity"),
    ("unmatched Namespace name", "namespaceName"),
    ("unmatched Namespace affinity", "namespaceAffinity"),
    ("unmatched Pod", "podAffinity"),
    ("multus", "multusName"),
    ("but the version of the IPPool", "ipVersion"),
)


def code_of(text: str) -> str:
    """Our code for upstream's error; `ValueError` for one that was never met."""
    for piece, code in CODES:
        if piece in text:
            return code
    raise ValueError(f"no code of ours is known for {text!r}")


def field_of(reason: str) -> str:
    """The field that a reason is about; `ValueError` for a reason that was never met."""
    for piece, field in FIELDS:
        if piece in reason:
            return field
    raise ValueError(f"no field is known for {reason!r}")


def error_in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The expectation with `error` as our code, as `failed` where any error will do, or None."""
    words = dict(wanted)
    if words.get("error") is True:
        del words["error"]
        words["failed"] = True
    elif isinstance(words.get("error"), str):
        words["error"] = code_of(words["error"])
    return words


def picked(got: Any, wanted: Any) -> Any:
    """Of what we got, the part that is expected: keys of mappings, at every depth."""
    if isinstance(got, Mapping) and isinstance(wanted, Mapping):
        return {key: picked(got.get(key), value) for key, value in wanted.items()}
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        return [picked(one, other) for one, other in zip(got, wanted, strict=True)]
    return got
