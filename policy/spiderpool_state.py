"""What Spiderpool holds for Pods, as `kubectl get -o yaml` shows it.

    SpiderIPPool    status.allocatedIPs   one JSON text: address -> {"pod": "ns/name", "podUid": ..}
    SpiderEndpoint  status.current        the Pod's interfaces, with their addresses and routes

Both tell of the same addresses. Here they are read; `policy.spiderpool_match` compares them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from model.errors import ManifestError
from model.ranges import RangeSyntaxError, parse_address, parse_network
from model.rules import Route
from model.spans import Span
from policy.documents import Document
from policy.places import Path, path_text
from policy.resources.endpoint import (
    INTERFACE_NAME_HINT,
    EndpointInterface,
    SpiderEndpoint,
    address_family,
    is_interface_name,
    name_problems,
)
from policy.resources.read_shape import read_shape
from policy.resources.spider import API_VERSION
from policy.validate_ranges import Errors
from policy.wording import found, shown

ALLOCATED: Path = ("status", "allocatedIPs")
_CODE = "invalid-status"
_DEFAULT_ROUTE = {4: "0.0.0.0/0", 6: "::/0"}
_EXPORT_HINT = "this is written by Spiderpool alone: export it again, unedited"

Address = tuple[int, int]  # family, number


@dataclass(frozen=True, slots=True)
class PoolEntry:
    """One entry of `allocatedIPs`: the pool says that this Pod holds this address.

    `nth` counts the entries before it whose key is the same text.
    """

    address: Address
    pool: str
    pod: str
    uid: str
    document: Document
    key: str
    nth: int = 0

    @property
    def span(self) -> Span:
        """Where its address stands in `allocatedIPs`; found anew each time."""
        return _span_within(self.document, self.key, self.nth)


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with all its keys, also those that stand twice."""


@dataclass(frozen=True, slots=True)
class HeldAddress:
    """One address of an interface, and what its Pod was told with it."""

    address: Address
    prefix_bits: int
    pool: str
    gateway: str
    routes: tuple[Route, ...]
    path: Path


@dataclass(frozen=True, slots=True)
class HeldInterface:
    """One interface of a Pod with its addresses, IPv4 first; `document` is its SpiderEndpoint."""

    namespace: str
    pod: str
    uid: str
    node: str
    owner: tuple[str, str]
    name: str
    addresses: tuple[HeldAddress, ...]
    document: Document
    path: Path

    @property
    def pod_text(self) -> str:
        """`namespace/name` of the Pod."""
        return f"{self.namespace}/{self.pod}"


def read_pool_entries(document: Document, pool: str, errors: Errors) -> list[PoolEntry]:
    """The entries of a pool's `allocatedIPs`, in its order; errors for those that make no sense.

    A key that stands twice gives two entries.
    """
    status = document.data.get("status")
    text = status.get("allocatedIPs") if isinstance(status, dict) else None
    if text is None or text == "":
        return []
    try:
        entries = json.loads(text, object_pairs_hook=_Pairs)
    except (TypeError, ValueError, RecursionError):
        entries = None
    if not isinstance(entries, _Pairs):
        message = (
            f"`status.allocatedIPs` of the pool {shown(pool)} is not the text of a JSON object"
        )
        errors.append(document.error(_CODE, ALLOCATED, message, _EXPORT_HINT))
        return []
    seen: Counter[str] = Counter()
    read = []
    for key, value in entries:
        read.append(_pool_entry(document, pool, key, seen[key], value, errors))
        seen[key] += 1
    return [entry for entry in read if entry is not None]


def _pool_entry(
    document: Document, pool: str, key: str, nth: int, value: Any, errors: Errors
) -> PoolEntry | None:
    fields = dict(value) if isinstance(value, _Pairs) else {}
    if fields and len(fields) < len(value):  # a field that stands twice
        fields = {}
    pod, uid = fields.get("pod"), fields.get("podUid")
    try:
        address = parse_address(key)
    except RangeSyntaxError:
        address = None
    if address is None or not isinstance(pod, str) or not isinstance(uid, str):
        message = f"`status.allocatedIPs` has the malformed entry {shown(key)}"
        span = _span_within(document, key, nth)
        errors.append(ManifestError(message, _EXPORT_HINT, span, _CODE, path_text(ALLOCATED)))
        return None
    return PoolEntry(address, pool, pod, uid, document, key, nth)


def _span_within(document: Document, key: str, nth: int) -> Span:
    """Where a key stands in the text of `allocatedIPs`; the text's place if it has many lines.

    `nth` is 0 for the first of equal keys.
    Exact for quoted texts, as kubectl prints them: `'{"10.6.0.1":...}'`, or escaped in JSON.
    """
    whole = document.span(ALLOCATED)
    style = document.place.find(ALLOCATED).style
    text, part = document.data["status"]["allocatedIPs"], json.dumps(key)
    start = text.find(part)
    for _ in range(nth):
        start = text.find(part, start + 1) if start >= 0 else start
    if whole.line != whole.end_line or start < 0 or style not in ("'", '"'):
        return whole
    before, inside = text[:start], part
    if style == '"':
        before, inside = (json.dumps(one)[1:-1] for one in (before, part))
    column = whole.column + 1 + len(before)
    return Span(whole.file, whole.line, column, whole.line, column + len(inside))


def read_endpoint(document: Document, errors: Errors) -> list[HeldInterface]:
    """The interfaces of a SpiderEndpoint that hold addresses; errors for what makes no sense.

    An interface with an error is left out whole, since it has all its families or none.
    """
    if document.api_version != API_VERSION:
        message = f"SpiderEndpoint is read in apiVersion `{API_VERSION}` alone"
        hint = "export it with a Spiderpool that serves this version"
        errors.append(document.error("invalid-value", ("apiVersion",), message, hint))
        return []
    endpoint, problems = read_shape(document, SpiderEndpoint)
    errors.extend(problems)
    if endpoint is None or endpoint.status is None or endpoint.status.current is None:
        return []
    if wrong := name_problems(endpoint.metadata):
        for field, message in wrong:
            errors.append(
                document.error("invalid-name", ("metadata", field), message, _EXPORT_HINT)
            )
        return []
    interfaces = []
    for index, item in enumerate(endpoint.status.current.ips or ()):
        own: Errors = []
        interface = _interface(document, endpoint, item, index, own)
        errors.extend(own)
        if not own and interface.addresses:
            interfaces.append(interface)
    return interfaces


def _interface(
    document: Document,
    endpoint: SpiderEndpoint,
    item: EndpointInterface,
    index: int,
    errors: Errors,
) -> HeldInterface:
    status = endpoint.status
    assert status is not None
    assert status.current is not None
    path: Path = ("status", "current", "ips", index)
    for field, value in (("uid", status.current.uid), ("node", status.current.node)):
        if not value:
            message = f"`status.current.{field}` is missing, so nobody knows whose the address is"
            errors.append(
                document.error(_CODE, ("status", "current", field), message, _EXPORT_HINT)
            )
    if not item.interface:
        message = f"`{path_text(path)}` does not say which interface it is"
        hint = "write its name into `interface`, as the Pod's network annotation has it"
        errors.append(document.error(_CODE, path, message, hint))
    elif not is_interface_name(item.interface):
        message = f"{shown(item.interface)} is no name of an interface"
        here = (*path, "interface")
        errors.append(document.error(_CODE, here, message, INTERFACE_NAME_HINT))
    return HeldInterface(
        endpoint.metadata.namespace,
        endpoint.metadata.name,
        status.current.uid or "",
        status.current.node or "",
        (status.owner_controller_type or "", status.owner_controller_name or ""),
        item.interface or "",
        tuple(_addresses(document, item, path, errors)),
        document,
        path,
    )


def _addresses(
    document: Document, item: EndpointInterface, path: Path, errors: Errors
) -> Iterator[HeldAddress]:
    routes = _routes(document, item, path, errors)
    families = (
        (4, item.ipv4, item.ipv4_pool, item.ipv4_gateway),
        (6, item.ipv6, item.ipv6_pool, item.ipv6_gateway),
    )
    for family, text, pool, gateway in families:
        here = (*path, f"ipv{family}")
        _check_gateway(document, family, gateway, (*path, f"ipv{family}Gateway"), errors)
        if not text:
            continue
        try:
            found_family, number, prefix_bits = parse_network(text)
        except RangeSyntaxError:
            found_family, number, prefix_bits = 0, 0, 0
        if found_family != family:
            message = f"`{path_text(here)}` is {found(text)}, not an IPv{family} address"
            hint = f"{_EXPORT_HINT}; addresses have a prefix length there"
            errors.append(document.error(_CODE, here, message, hint))
            continue
        own = [route for route_family, route in routes if route_family == family]
        default = (_DEFAULT_ROUTE[family], gateway or "")
        if gateway and not item.clean_gateway and default not in own:
            own.append(default)
        yield HeldAddress(
            (family, number), prefix_bits, pool or "", gateway or "", tuple(own), here
        )


def _check_gateway(
    document: Document, family: int, text: str | None, here: Path, errors: Errors
) -> None:
    if text and address_family(text) != family:
        message = f"`{path_text(here)}` is {found(text)}, not an IPv{family} address"
        errors.append(document.error(_CODE, here, message, _EXPORT_HINT))


def _routes(
    document: Document, item: EndpointInterface, path: Path, errors: Errors
) -> list[tuple[int, Route]]:
    """The routes of an interface, each with its family."""
    routes: list[tuple[int, Route]] = []
    for index, route in enumerate(item.routes or ()):
        try:
            family = parse_network(route.dst)[0]
        except RangeSyntaxError:
            family, problem = 0, f"{shown(route.dst)} is not a CIDR"
        else:
            problem = _next_hop_problem(route.gw, family)
        if problem:
            here = (*path, "routes", index)
            message = f"`{path_text(here)}` is no route: {problem}"
            errors.append(document.error(_CODE, here, message, _EXPORT_HINT))
            continue
        routes.append((family, (route.dst, route.gw)))
    return routes


def _next_hop_problem(text: str, family: int) -> str:
    own = address_family(text)
    if not own:
        return f"{shown(text)} is not an IP address"
    return "" if own == family else f"its next hop {shown(text)} is not an IPv{family} address"
