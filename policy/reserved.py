"""SpiderReservedIP: addresses that are never handed out, whatever pool they are in."""

from __future__ import annotations

from dataclasses import dataclass

from model.errors import ManifestError
from model.intervals import Intervals
from model.ranges import RangeSyntaxError, parse_range
from policy.documents import Document
from policy.resources.spider import SpiderReservedIP
from policy.settings import AuthoringSettings
from policy.validate_ranges import Errors, family_error, read_ranges, version_error


@dataclass(frozen=True, slots=True)
class Reserved:
    """A valid SpiderReservedIP: its family, its numbers, and its entries as they are kept."""

    family: int
    ranges: Intervals
    texts: tuple[str, ...]

    def facts(self) -> dict[str, object]:
        """As `ObjectRecord.facts` holds it: numbers as decimal text, which JSON keeps exact."""
        pairs = [[str(first), str(last)] for first, last in self.ranges]
        return {"family": self.family, "ranges": pairs}


def validate_reserved(
    document: Document, shape: SpiderReservedIP, settings: AuthoringSettings
) -> Reserved | list[ManifestError]:
    """The reservation, or everything wrong with its `spec`."""
    errors: Errors = []
    spec = shape.spec
    if not spec.ips:
        message = "`spec.ips` is empty, so nothing is reserved"
        hint = "list addresses or ranges, or delete the object"
        return [document.error("missing-field", ("spec", "ips"), message, hint)]
    wrong = None if spec.ip_version is None else version_error(document, spec.ip_version)
    if wrong is not None:
        errors.append(wrong)
    family = spec.ip_version if spec.ip_version in (4, 6) else _family_of(spec.ips[0])
    if family is not None:
        disabled = family_error(document, ("spec", "ips"), family, settings)
        errors.extend([disabled] if disabled else [])
    ranges = read_ranges(document, ("spec", "ips"), spec.ips, family, None, errors)
    return errors if errors or family is None else Reserved(family, ranges.ranges, ranges.texts)


def _family_of(text: str) -> int | None:
    try:
        return parse_range(text)[0]
    except RangeSyntaxError:
        return None
