"""Subnets and range lists of a manifest: text to numbers, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence

import netaddr  # type: ignore[import-untyped]  # ships no types

from model.addresses import address_text, prefix_bounds
from model.errors import ManifestError
from model.intervals import Interval, Intervals, union
from model.ranges import RangeSyntaxError, parse_network, parse_range
from policy.documents import Document
from policy.places import Path
from policy.pool_spec import RangeList, Subnet
from policy.settings import AuthoringSettings
from policy.wording import shown

Errors = list[ManifestError]


def syntax_error(document: Document, path: Path, error: RangeSyntaxError) -> ManifestError:
    """A complaint of the range parser, with the place in the manifest."""
    return document.error(error.code, path, str(error), error.hint)


def family_error(
    document: Document, path: Path, family: int, settings: AuthoringSettings
) -> ManifestError | None:
    """The error of a family that is switched off, or None."""
    if settings.enabled(family):
        return None
    message = f"IPv{family} is disabled"
    hint = f"switch it on with `poolweaver config set enable_ipv{family} on`"
    return document.error("family-disabled", path, message, hint)


def version_error(document: Document, version: int) -> ManifestError | None:
    """The error of an `ipVersion` that is neither 4 nor 6, or None."""
    if version in (4, 6):
        return None
    message = f"`spec.ipVersion` is {shown(version)}"
    return document.error("invalid-value", ("spec", "ipVersion"), message, "write 4 or 6")


def read_subnet(document: Document, text: str, errors: Errors) -> Subnet | None:
    """`spec.subnet`; None, and an error, where it is no network in its canonical form."""
    path = ("spec", "subnet")
    try:
        family, number, prefix_bits = parse_network(text)
    except RangeSyntaxError as error:
        hint = error.hint if error.code == "invalid-subnet" else "write it as `10.6.0.0/16`"
        errors.append(document.error("invalid-subnet", path, f"{shown(text)} is not a CIDR", hint))
        return None
    first, last = prefix_bounds(family, number, prefix_bits)
    canonical = f"{address_text(family, first)}/{prefix_bits}"
    if text != canonical:
        reason = "has host bits" if number != first else "is not in canonical form"
        errors.append(
            document.error(
                "invalid-subnet", path, f"{shown(text)} {reason}", f"write `{canonical}`"
            )
        )
        return None
    return Subnet(family, first, last, prefix_bits, canonical)


def read_ranges(
    document: Document,
    path: Path,
    texts: Sequence[str] | None,
    family: int | None,
    subnet: Subnet | None,
    errors: Errors,
) -> RangeList:
    """A list of ranges, with an error an entry that does not fit.

    More than one entry is merged and sorted, as Spiderpool does; one stays as it was written.
    """
    texts = texts or ()
    entries = [
        _read_entry(document, (*path, index), text, family, subnet, errors)
        for index, text in enumerate(texts)
    ]
    good = [entry for entry in entries if entry is not None]
    ranges = union(good)
    if len(texts) > 1 and family:
        texts = range_texts(family, ranges)
    return RangeList(tuple(texts), ranges, tuple(entries))


def _read_entry(
    document: Document,
    path: Path,
    text: str,
    family: int | None,
    subnet: Subnet | None,
    errors: Errors,
) -> Interval | None:
    try:
        own_family, first, last = parse_range(text)
    except RangeSyntaxError as error:
        errors.append(syntax_error(document, path, error))
        return None
    if family is not None and own_family != family:
        message = f"{shown(text)} is IPv{own_family}, but this is for IPv{family}"
        hint = f"put IPv{own_family} ranges in an object of their own"
        errors.append(document.error("invalid-range", path, message, hint))
        return None
    if subnet is not None and not subnet.holds(first, last):
        message = f"{shown(text)} is not inside the subnet `{subnet.text}`"
        errors.append(
            document.error("range-outside-subnet", path, message, _subnet_hint(subnet, first, last))
        )
        return None
    return first, last


def _subnet_hint(subnet: Subnet, first: int, last: int) -> str:
    """The addresses of the subnet, and the smallest subnet that would hold the range too."""
    inside = range_texts(subnet.family, ((subnet.first, subnet.last),))[0]
    ends = [
        netaddr.IPAddress(number, subnet.family)
        for number in (subnet.first, subnet.last, first, last)
    ]
    wider = netaddr.spanning_cidr(sorted(ends))
    if wider.prefixlen < 8:
        return f"stay inside `{inside}`"
    return f"stay inside `{inside}`, or widen the subnet to `{wider}`"


def range_texts(family: int, ranges: Intervals) -> tuple[str, ...]:
    """The ranges as Spiderpool writes them: `a`, or `a-b`."""
    return tuple(
        address_text(family, first)
        if first == last
        else f"{address_text(family, first)}-{address_text(family, last)}"
        for first, last in ranges
    )
