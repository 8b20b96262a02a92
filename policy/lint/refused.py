"""What `apply` would refuse, as findings: of severity error, under the code of its error."""

from __future__ import annotations

from collections.abc import Iterator

from model.errors import CODES, ManifestError
from model.spans import Span
from policy.lint.finding import ERROR, Finding
from policy.lint.linted import Linted

REFUSALS = frozenset(CODES["ManifestError"])


def refusals(linted: Linted) -> Iterator[Finding]:
    """A finding an error of the manifests."""
    return (refusal(error) for error in linted.refused)


def refusal(error: ManifestError) -> Finding:
    """One error as a finding. Its fingerprint tells errors of a file without objects apart."""
    span = error.span or Span("-", 1, 1)
    field, about = error.field, "" if error.of else error.message
    of = error.of or span.file
    return Finding(error.code, ERROR, _told(error), error.hint, span, of, field, about)


def _told(error: ManifestError) -> str:
    field = error.field
    return f"{field}: {error.message}" if field and field not in error.message else error.message
