"""Fixes done to the text of a file, as many at once as leave each other alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from model.spans import Span
from policy.documents import Document, read_documents
from policy.lint.finding import Edit, Finding, Fix
from policy.lint.fixing.children import UnfixableError, is_first, line_start
from policy.lint.fixing.edited import edited
from policy.lint.fixing.lines import in_file, line_starts
from policy.lint.fixing.replacements import Replacement, replacements
from policy.text_input import read_text

_BOM = b"\xef\xbb\xbf"
_Key = tuple[int, int]


@dataclass(slots=True)
class _Batch:
    """Findings of one document whose fixes touch different fields."""

    document: Document
    findings: list[Finding] = field(default_factory=list)

    @property
    def edits(self) -> list[Edit]:
        return [edit for finding in self.findings for edit in finding.fixes[0].edits]

    def is_free(self, fix: Fix) -> bool:
        """Whether the fix touches nothing that those here touch."""
        return not any(
            one.path[: len(other.path)] == other.path or other.path[: len(one.path)] == one.path
            for one in self.edits
            for other in fix.edits
        )


def fix_text(data: bytes, file: str, findings: Sequence[Finding]) -> tuple[bytes, list[Finding]]:
    """The file after fixes, and the findings that were fixed; the first fix of each is taken.

    Of fixes that touch the same field the first is done; the others are for the next time. What
    was written holds the same objects but for the edits, else it is not done. A file that cannot
    be read as a whole stays as it is.
    """
    documents, errors = read_documents(data, file)
    if errors:
        return data, []
    text = read_text(data, file)
    file_of = _File(text, file, documents)
    done = file_of.possible(_batches(findings))
    if not done:
        return data, []
    fixed = file_of.changed(done).encode()
    start = _BOM if data.startswith(_BOM) else b""
    return start + fixed, [finding for batch in done for finding in batch.findings]


def _batches(findings: Iterable[Finding]) -> list[_Batch]:
    found: dict[_Key, _Batch] = {}
    for finding in findings:
        if finding.fixes:
            fix = finding.fixes[0]
            batch = found.setdefault(_key(fix.document), _Batch(fix.document))
            if batch.is_free(fix):
                batch.findings.append(finding)
    return list(found.values())


def _key(document: Document) -> _Key:
    """What tells apart the documents of one file."""
    return document.first_line, document.place.start.index


class _File:
    """The text of a file, its documents, and what they must hold after changes."""

    def __init__(self, text: str, file: str, documents: Sequence[Document]) -> None:
        self.text = text
        self.file = file
        self.documents = documents

    def possible(self, batches: Sequence[_Batch]) -> list[_Batch]:
        """Those of the batches that can be done together; found by halves where not all can."""
        if not batches or self.is_right(batches):
            return list(batches)
        if len(batches) == 1:
            (batch,) = batches
            singles = [_Batch(batch.document, [finding]) for finding in batch.findings]
            return next(([one] for one in singles if self.is_right([one])), [])
        half = len(batches) // 2
        found = [*self.possible(batches[:half]), *self.possible(batches[half:])]
        return found if self.is_right(found) else found[:1]

    def is_right(self, batches: Sequence[_Batch]) -> bool:
        """Whether the changed text holds the same objects but for the edits."""
        try:
            text = self.changed(batches)
        except UnfixableError:
            return False
        documents, errors = read_documents(text, self.file)
        edits = {_key(batch.document): batch.edits for batch in batches}
        expected = [edited(one.data, edits.get(_key(one), ())) for one in self.documents]
        return not errors and [one.data for one in documents] == expected

    def changed(self, batches: Sequence[_Batch]) -> str:
        """The text after the fixes; `UnfixableError` where they cannot be done together."""
        made: dict[Replacement, None] = {}
        for batch in batches:
            ordered = replacements(batch.document, batch.edits)
            made.update((in_file(batch.document, one, self.text), None) for one in ordered)
            for finding in batch.findings:
                made.update((self.cut(span), None) for span in finding.fixes[0].cuts)
        return replaced(self.text, list(made))

    def cut(self, span: Span) -> Replacement:
        """A comment that goes, with its line where it has one of its own."""
        start = line_starts(self.text)[span.line - 1] + span.column - 1
        newline = self.text.find("\n", start)
        end = len(self.text) if newline < 0 else newline
        if is_first(self.text, start):
            return Replacement(line_start(self.text, start), min(end + 1, len(self.text)), "")
        if self.text[start:end].endswith("\r"):
            end -= 1
        return Replacement(len(self.text[:start].rstrip(" \t")), end, "")


def replaced(text: str, changes: Sequence[Replacement]) -> str:
    """The text after the changes; `UnfixableError` where two are in each other's way."""
    ordered = sorted(changes, key=lambda one: (one.start, one.end))
    if any(after.start < before.end for before, after in pairwise(ordered)):
        raise UnfixableError("the changes overlap")
    pieces: list[str] = []
    place = 0
    for one in ordered:
        pieces += (text[place : one.start], one.text)
        place = one.end
    return "".join([*pieces, text[place:]])
