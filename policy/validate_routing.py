"""Gateway and routes of a pool."""

from __future__ import annotations

from collections.abc import Sequence

from model.addresses import address_text, prefix_bounds
from model.intervals import contains
from model.ranges import RangeSyntaxError, parse_address, parse_network
from model.rules import Route
from policy.documents import Document
from policy.places import Path
from policy.pool_spec import RangeList, Subnet
from policy.resources.spider import RouteShape
from policy.validate_ranges import Errors, range_texts, syntax_error
from policy.wording import shown


def read_gateway(
    document: Document,
    text: str | None,
    subnet: Subnet,
    ips: RangeList,
    exclude: RangeList,
    errors: Errors,
) -> str:
    """The gateway in canonical text, empty where there is none."""
    if text is None:
        return ""
    number = _next_hop(document, ("spec", "gateway"), text, subnet, errors)
    if number is None:
        return ""
    if not contains(exclude.ranges, number):
        _refuse_assignable(document, number, subnet, ips, errors)
    return address_text(subnet.family, number)


def _refuse_assignable(
    document: Document, number: int, subnet: Subnet, ips: RangeList, errors: Errors
) -> None:
    for index, entry in enumerate(ips.entries):
        if entry is None or not entry[0] <= number <= entry[1]:
            continue
        gateway = address_text(subnet.family, number)
        entry_text = range_texts(subnet.family, (entry,))[0]
        errors.append(
            document.error(
                "gateway-in-ips",
                ("spec", "ips", index),
                f"{shown(entry_text)} holds the gateway `{gateway}`, which would be handed out",
                f"add `{gateway}` to `spec.excludeIPs`",
            )
        )


def _next_hop(
    document: Document, path: Path, text: str, subnet: Subnet, errors: Errors
) -> int | None:
    """The number of an address that must lie in the subnet; None, and an error, if it does not."""
    try:
        family, number = parse_address(text)
    except RangeSyntaxError as error:
        errors.append(syntax_error(document, path, error))
        return None
    if family != subnet.family or not subnet.holds(number, number):
        inside = range_texts(subnet.family, ((subnet.first, subnet.last),))[0]
        message = f"{shown(text)} is not inside the subnet `{subnet.text}`"
        hint = f"a next hop must be one of `{inside}`"
        errors.append(document.error("gateway-outside-subnet", path, message, hint))
        return None
    return number


def read_routes(
    document: Document, routes: Sequence[RouteShape] | None, subnet: Subnet, errors: Errors
) -> tuple[Route, ...]:
    """The routes in canonical form, host bits of destinations cleared."""
    read: list[Route] = []
    seen: dict[str, int] = {}
    for index, route in enumerate(routes or ()):
        path = ("spec", "routes", index)
        destination = _destination(document, (*path, "dst"), route.dst, subnet, errors)
        hop = _next_hop(document, (*path, "gw"), route.gw, subnet, errors)
        if destination in seen:
            message = f"{shown(route.dst)} is the destination of two routes"
            hint = f"keep one of them; the other is `spec.routes[{seen[destination]}]`"
            errors.append(document.error("invalid-route", (*path, "dst"), message, hint))
        elif destination:
            seen[destination] = index
            read.append((destination, address_text(subnet.family, hop or 0)))
    return tuple(read)


def _destination(document: Document, path: Path, text: str, subnet: Subnet, errors: Errors) -> str:
    try:
        family, number, prefix_bits = parse_network(text)
    except RangeSyntaxError:
        message = f"{shown(text)} is not a CIDR"
        hint = "write the destination with a prefix length, such as `10.0.0.0/8`"
        errors.append(document.error("invalid-route", path, message, hint))
        return ""
    if family != subnet.family:
        message = f"{shown(text)} is IPv{family}, but the pool is IPv{subnet.family}"
        hint = f"put the route in an IPv{family} pool"
        errors.append(document.error("invalid-route", path, message, hint))
        return ""
    if prefix_bits == 0:
        message = f"{shown(text)} is the default route"
        hint = "leave the route out and name its next hop as `spec.gateway`"
        errors.append(document.error("invalid-route", path, message, hint))
        return ""
    first, _ = prefix_bounds(family, number, prefix_bits)
    return f"{address_text(family, first)}/{prefix_bits}"
