"""What authors wrote to have a rule passed over: comments and annotations, each with a reason.

`# poolweaver: ignore RULE REASON` counts for its own line, and where it stands alone on it, for the
next line that is no such comment. An annotation counts for its object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from model.spans import Span
from policy.annotations import LINT_IGNORE
from policy.documents import Document, read_documents
from policy.lint.finding import Finding
from policy.lint.linted import Linted
from policy.lint.living.ignored import ANNOTATION, COMMENT
from policy.places import Place

_COMMENT = re.compile(r"(?:^|(?<=\s))#[ \t]*poolweaver:[ \t]*ignore\b[ \t]*(\S*)[ \t]*(.*?)\s*$")
_WORD = b"poolweaver:"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One ignore: of which rule, why, and where it stands; `line` is 0 for a whole object."""

    rule: str
    reason: str
    span: Span
    how: str
    document: Document
    line: int = 0

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is of its rule, and at its line or of its object."""
        if finding.rule != self.rule or finding.span.file != self.span.file:
            return False
        if self.how == COMMENT:
            return finding.span.line in (self.line, self.span.line)
        return finding.object == self.document.title


def ignores_of(linted: Linted) -> list[Ignore]:
    """All ignores of the linted files, in the order of the objects, comments after annotations."""
    found = [one for document in linted.loaded.documents.values() for one in _annotated(document)]
    for file, data in linted.texts.items():
        if _WORD in data:
            found += _commented(file, data)
    return found


def _annotated(document: Document) -> Iterator[Ignore]:
    metadata = document.data.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    for key, reason in (annotations if isinstance(annotations, dict) else {}).items():
        if key.startswith(LINT_IGNORE):
            span = document.key_span(("metadata", "annotations", key))
            rule = key.removeprefix(LINT_IGNORE)
            yield Ignore(rule, str(reason or "").strip(), span, ANNOTATION, document)


def _commented(file: str, data: bytes) -> Iterator[Ignore]:
    documents, _ = read_documents(data, file)
    if not documents:
        return
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    quoted = [place for document in documents for place in _texts(document)]
    matches = {number: _COMMENT.search(line) for number, line in enumerate(lines, 1)}
    for number, match in matches.items():
        if match is None or any(_is_inside(number, match.start() + 1, span) for span in quoted):
            continue
        covered = number
        if not lines[number - 1][: match.start()].strip():
            while matches.get(covered) is not None:
                covered += 1
        span = Span(file, number, match.start() + 1, number, match.end() + 1)
        document = _nearest(documents, number)
        yield Ignore(match[1], match[2], span, COMMENT, document, covered)


def _nearest(documents: list[Document], line: int) -> Document:
    """The last document that starts at or before the line, else the first."""
    return next((one for one in reversed(documents) if one.span().line <= line), documents[0])


def _texts(document: Document) -> Iterator[Span]:
    """The texts that are quoted or are blocks, in which a `#` begins no comment."""
    stack: list[Place] = [document.place]
    while stack:
        place = stack.pop()
        if place.style:
            yield place.span(document.file, document.first_line)
        items = place.items
        stack += items.values() if isinstance(items, dict) else items or ()


def _is_inside(line: int, column: int, span: Span) -> bool:
    start, end = (span.line, span.column), (span.end_line, span.end_column)
    return start <= (line, column) < end
