"""The `poolweaver.io/` annotations of a pool (design section 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from grammar.parse import parse_clauses
from grammar.tree import Require
from model.errors import ManifestError, RuleError
from policy.documents import Document
from policy.places import Path, path_text
from policy.pool_spec import PoolAnnotations
from policy.validate_ranges import Errors
from policy.wording import did_you_mean, shown
from policy.written_texts import WrittenText

PREFIX = "poolweaver.io/"
PRIORITY, REQUIRE = PREFIX + "priority", PREFIX + "require"
QUARANTINE = PREFIX + "quarantine-seconds"
LINT_IGNORE = PREFIX + "lint-ignore-"

_NAMES = tuple(key.removeprefix(PREFIX) for key in (PRIORITY, REQUIRE, QUARANTINE))
_KNOWN = f"known are `{PRIORITY}`, `{REQUIRE}`, `{QUARANTINE}` and `{LINT_IGNORE}<rule>`"
_INTEGER = re.compile(r"[-+]?[0-9]+")
_LIMIT = 2**63
_MOST_DIGITS = 40  # Python refuses to read thousands of them
_CODE = "invalid-annotation"


def read_annotations(
    document: Document, annotations: Mapping[str, str] | None, errors: Errors
) -> PoolAnnotations:
    """What they say; errors for those that are unknown or do not make sense."""
    ours = {key: text for key, text in (annotations or {}).items() if key.startswith(PREFIX)}
    for key, text in ours.items():
        if key not in (PRIORITY, REQUIRE, QUARANTINE) and not key.startswith(LINT_IGNORE):
            message = f"unknown annotation {shown(key)}"
            hint = did_you_mean(key.removeprefix(PREFIX), _NAMES) or _KNOWN
            errors.append(document.error(_CODE, _path(key), message, hint, at_key=True))
        elif key.startswith(LINT_IGNORE) and not text.strip():
            message = f"`{key}` gives no reason"
            hint = "write why the rule is not to be applied here, in a few words"
            errors.append(document.error(_CODE, _path(key), message, hint))
    return PoolAnnotations(
        _integer(document, PRIORITY, ours, errors, -_LIMIT) or 0,
        _quarantine(document, ours, errors),
        _require(document, ours, errors),
    )


def _path(key: str) -> Path:
    return ("metadata", "annotations", key)


def _integer(
    document: Document, key: str, ours: Mapping[str, str], errors: Errors, lowest: int
) -> int | None:
    text = ours.get(key)
    if text is None:
        return None
    if not _INTEGER.fullmatch(text):
        message = f"`{key}` is {shown(text) if text else 'empty'}, not a whole number"
        hint = 'write digits in quotes, such as `"10"`'
    elif len(text) <= _MOST_DIGITS and -_LIMIT <= int(text) < _LIMIT:
        return int(text)
    else:
        message = f"`{key}` is {shown(text)}, which does not fit into 64 bits"
        hint = f'write a whole number from `"{lowest}"` to `"{_LIMIT - 1}"`'
    errors.append(document.error(_CODE, _path(key), message, hint))
    return None


def _quarantine(document: Document, ours: Mapping[str, str], errors: Errors) -> int | None:
    seconds = _integer(document, QUARANTINE, ours, errors, 0)
    if seconds is None or seconds >= 0:
        return seconds
    message = f"`{QUARANTINE}` is {shown(seconds)}, less than nothing"
    hint = 'write `"0"` to hand released addresses out at once'
    errors.append(document.error(_CODE, _path(QUARANTINE), message, hint))
    return None


def _require(document: Document, ours: Mapping[str, str], errors: Errors) -> tuple[Require, ...]:
    text = ours.get(REQUIRE)
    if text is None:
        return ()
    written = document.written_text(_path(REQUIRE), text)
    try:
        clauses = parse_clauses(text)
    except RuleError as error:
        errors.append(_located(error, document, written))
        return ()
    return tuple(replace(clause, span=written.span(clause.span)) for clause in clauses)


def _located(error: RuleError, document: Document, written: WrittenText) -> ManifestError:
    """The error in the manifest, at its place inside the annotation."""
    message = f"`{REQUIRE}`: {error.message}"
    span = written.span(error.span) if error.span else document.span(_path(REQUIRE))
    hint = error.hint or f"expected {' or '.join(error.expected)}"
    field = path_text(_path(REQUIRE))
    return ManifestError(message, hint, span, _CODE, field, document.title)
