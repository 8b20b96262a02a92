"""What a policy test expects: read, and refused where it could never come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from model.decisions import DISABLED, EXHAUSTED, TERMINATING, UNDECIDED
from model.errors import CODES, DecisionError, ManifestError, PoolweaverError
from model.ranges import RangeSyntaxError, parse_range
from model.rules import RANK_FIELDS
from policy.documents import Document
from policy.places import Path
from policy.policy_tests.case import Expected
from policy.policy_tests.facts import Layers
from policy.policy_tests.shapes import ExpectShape
from policy.wording import did_you_mean, listed, shown

# Why a pool can be out: the field of a check that fails, or what became of the pool.
REASONS = (*RANK_FIELDS, "annotation", EXHAUSTED, DISABLED, TERMINATING, UNDECIDED)
KEYS = ("pool", "pools", "address", "filtered", "refused", "error")


def _codes(kind: type[PoolweaverError]) -> Iterator[str]:
    yield from CODES[kind.__name__]
    for below in kind.__subclasses__():
        yield from _codes(below)


REFUSALS = tuple(_codes(DecisionError))


def expected_of(document: Document, layers: Layers) -> Expected | list[ManifestError]:
    """The expectation of the row, else of the test; a list of what is wrong with it."""
    expect: ExpectShape | None = layers.first("expect")
    place = layers.place("expect")
    if expect is None or place is None:
        message, hint = "the test expects nothing", "write `expect:` with what must come out"
        return [document.error("missing-field", (*layers.layers[0][0], "expect"), message, hint)]
    path = (*place, "expect")
    given = [key for key in KEYS if getattr(expect, key) is not None]
    if not given:
        message = "`expect` says nothing, so the test could not fail"
        hint = f"write one of {listed(KEYS, 'or')} below it"
        return [document.error("missing-field", path, message, hint)]
    ranges, errors = _ranges(document, (*path, "address"), expect.address or ())
    errors += _unknown_reasons(document, (*path, "refused"), expect.refused or ())
    for pool, reasons in (expect.filtered or {}).items():
        errors += _unknown_reasons(document, (*path, "filtered", pool), reasons)
    if expect.error is not None and expect.error not in REFUSALS:
        message = f"no decision ends with the error code {shown(expect.error)}"
        hint = did_you_mean(expect.error, REFUSALS) or f"write one of {listed(REFUSALS, 'or')}"
        errors.append(document.error("invalid-value", (*path, "error"), message, hint))
    if errors:
        return errors
    return Expected(
        expect.pool,
        expect.pools,
        None if expect.address is None else ranges,
        expect.filtered,
        expect.refused,
        expect.error,
        {key: document.span((*path, key)) for key in given},
    )


def _ranges(
    document: Document, path: Path, texts: Iterable[str]
) -> tuple[list[tuple[int, int, int]], list[ManifestError]]:
    ranges, errors = [], []
    for index, text in enumerate(texts):
        try:
            ranges.append(parse_range(text))
        except RangeSyntaxError as error:
            errors.append(document.error(error.code, (*path, index), str(error), error.hint))
    return ranges, errors


def _unknown_reasons(document: Document, path: Path, reasons: Iterable[str]) -> list[ManifestError]:
    return [
        document.error(
            "invalid-value",
            (*path, index),
            f"no pool is out for {shown(reason)}",
            did_you_mean(reason, REASONS) or f"write one of {listed(REASONS, 'or')}",
        )
        for index, reason in enumerate(reasons)
        if reason not in REASONS
    ]
