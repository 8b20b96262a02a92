"""The lines of an export, read: what each holds, and everything wrong with them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ipam.export_records import VERSION, read_change, read_lease
from model.errors import ManifestError, PoolweaverError
from model.journal import JournalEntry
from model.spans import Span
from store.lease_rows import Held

KINDS = ("setting", "node", "manifest", "lease", "change")


@dataclass(slots=True)
class Lines:
    """What an export holds, each with its place; `errors` is all that is wrong with it.

    `manifests` is one YAML text in which each manifest stands in its own line of the file, so that
    whatever is said of it names that line.
    """

    file: str
    journal_from: int | None = None
    settings: dict[str, tuple[Any, Span]] = field(default_factory=dict)
    node: tuple[str, Span] | None = None
    manifests: list[str] = field(default_factory=list)
    leases: list[tuple[Held, Span]] = field(default_factory=list)
    changes: list[tuple[JournalEntry, Span]] = field(default_factory=list)
    errors: list[ManifestError] = field(default_factory=list)

    @property
    def manifest_text(self) -> bytes:
        """The manifests, in their lines."""
        return "\n".join(self.manifests).encode()


def read_lines(file: str, data: bytes) -> Lines:
    """All lines of an export; a file that is none has one error."""
    lines = Lines(file)
    begun = False
    for number, text in enumerate(data.split(b"\n"), 1):
        lines.manifests.append("")
        if not text.strip():
            continue
        span = Span(file, number, 1)
        try:
            value = _value(text, span)
            if begun:
                _take(lines, value, span)
            else:
                begun = _header(lines, value, span)
        except ManifestError as error:
            lines.errors.append(error)
            if not begun:
                return lines
    if not begun:
        lines.errors.append(_no_export(Span(file, 1, 1)))
    return lines


def _value(text: bytes, span: Span) -> dict[str, Any]:
    try:
        value = json.loads(text)
        if b"\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # half a pair of surrogates is no text
    except (ValueError, RecursionError):
        message, hint = "this line is no JSON", "give the file that `poolweaver export` wrote"
        raise ManifestError(message, hint, span, "manifest-syntax") from None
    if not isinstance(value, dict):
        raise ManifestError("this line is no object", "", span, "wrong-type")
    return value


def _header(lines: Lines, value: dict[str, Any], span: Span) -> bool:
    if value.get("poolweaver") != "export":
        raise _no_export(span)
    if value.get("version") != VERSION:
        raise ManifestError(
            f"version `{value.get('version')}` of an export is not known here",
            f"this program reads version {VERSION}: use the one that wrote the file",
            span,
            "invalid-value",
        )
    journal_from = value.get("journalFrom")
    if journal_from is not None and not (type(journal_from) is int and journal_from >= 0):
        raise ManifestError("`journalFrom` is to be a whole number", "", span, "wrong-type")
    lines.journal_from = journal_from
    return True


def _no_export(span: Span) -> ManifestError:
    message = 'the file does not begin with the line `{"poolweaver": "export", ...}`'
    return ManifestError(message, "give the file that `poolweaver export` wrote", span)


def _take(lines: Lines, value: dict[str, Any], span: Span) -> None:
    found = [kind for kind in KINDS if kind in value]
    if len(found) != 1 or len(value) != 1 + (found == ["setting"] and "value" in value):
        hint = f"a line has one of {', '.join(f'`{kind}`' for kind in KINDS)}"
        raise ManifestError("this line is no record of an export", hint, span, "unknown-field")
    record = value[found[0]]
    if found == ["manifest"]:
        _take_manifest(lines, record, span)
    elif found == ["lease"]:
        lines.leases.append((read_lease(record, span), span))
    elif found == ["change"]:
        lines.changes.append((read_change(record, span), span))
    elif not isinstance(record, str) or not record:
        raise ManifestError(f"`{found[0]}` is to be a text", "", span, "wrong-type")
    elif found == ["node"]:
        lines.node = (record, span)
    else:
        lines.settings[record] = (value.get("value", ""), span)


def _take_manifest(lines: Lines, record: object, span: Span) -> None:
    if not isinstance(record, dict):
        raise ManifestError("`manifest` is to be an object", "", span, "wrong-type")
    start = "---".ljust(len('{"manifest": '))  # so that columns are those of the export, too
    lines.manifests[-1] = start + json.dumps(record)


def placed(error: PoolweaverError, span: Span) -> ManifestError:
    """An error about what a line says, at that line."""
    return ManifestError(error.message, error.hint, span, "invalid-value")
