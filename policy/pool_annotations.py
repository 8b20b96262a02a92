"""The annotations that name pools, from JSON to lists of names.

ippool    {"ipv4": [...], "ipv6": [...]}                           one interface
ippools   [{"interface": ..., "ipv4": [...], "cleangateway": ...}] every interface
default-ipv4-ippool, default-ipv6-ippool   [...]                   of a Namespace
"""

from __future__ import annotations

from model.errors import CandidateError
from model.fast_json import dumps, loads
from model.text import is_writable
from policy.networks import HOW_TO_WRITE, NetworkAnnotationError, nic_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.facts import PodFacts

PREFIX = "ipam.spidernet.io/"
IPPOOLS, IPPOOL = PREFIX + "ippools", PREFIX + "ippool"
NAMESPACE_KEYS = {4: PREFIX + "default-ipv4-ippool", 6: PREFIX + "default-ipv6-ippool"}


def ippools_items(pod: PodFacts) -> dict[str, tuple[Mapping[int, Sequence[str]], bool]]:
    """Interface to (names by family, clean gateway), of the annotation `ippools` of a Pod.

    Items without interface are matched by position: the first is `eth0`, the others those of the
    networks annotation. `CandidateError` if the annotation is malformed.
    """
    where = f"Pod annotation `{IPPOOLS}`"
    entries = read_json(pod.annotations[IPPOOLS], IPPOOLS)
    if not isinstance(entries, list) or not entries:
        raise malformed(
            f"{where} is not a list with at least one item",
            'write `[{"interface": "eth0", "ipv4": ["pool"]}]`',
        )
    items: dict[str, tuple[Mapping[int, Sequence[str]], bool]] = {}
    if not all(isinstance(entry, dict) for entry in entries):
        raise malformed(
            f"{where} has an item that is not a JSON object",
            'write `[{"interface": "eth0", "ipv4": ["pool"]}]`',
        )
    named = _interfaces(pod, entries, where)
    for name, entry in zip(named, entries, strict=True):
        if name in items:
            raise malformed(f"{where} lists interface `{name}` twice", "leave one of the items out")
        clean = _lower(entry).get("cleangateway")
        if clean is not None and not isinstance(clean, bool):  # 1 equals True, yet is no boolean
            raise malformed(
                f"{where} has `cleangateway: {dumps(clean)}`", "write `true` or `false`"
            )
        items[name] = (family_lists(entry, where), clean is True)
    return items


def _interfaces(pod: PodFacts, entries: list[object], where: str) -> list[str]:
    """The interface of each item: as named, or by position where none is."""
    given = [_lower(entry).get("interface") for entry in entries]
    if any(name is not None and not isinstance(name, str) for name in given):
        raise malformed(f"{where} has an `interface` that is not a text", 'write `"eth0"`')
    if all(given):
        return [str(name) for name in given]
    if any(given):
        raise malformed(
            f"{where} names an interface in some items only",
            "give every item an `interface`, or none",
        )
    try:
        nics = nic_names(pod.annotations)
    except NetworkAnnotationError as error:
        raise CandidateError(
            f"{where} has items without interface, and {error}",
            f"name the interface of each item, or correct the other annotation: {HOW_TO_WRITE}",
            code="invalid-network-annotation",
        ) from None
    if len(entries) > len(nics):
        raise malformed(
            f"{where} has {len(entries)} items, but the Pod has {len(nics)} "
            f"interface{'' if len(nics) == 1 else 's'}",
            "name the interfaces, or list their networks in `k8s.v1.cni.cncf.io/networks`",
        )
    return nics[: len(entries)]


def family_lists(value: object, where: str) -> dict[int, list[str]]:
    """`{"ipv4": [...], "ipv6": [...]}` by family; keys in any case, as Go reads them."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise malformed(f"{where} is not a JSON object", 'write `{"ipv4": ["pool"]}`')
    lowered = _lower(value)
    return {
        family: name_list(lowered[key], f"{where}, key `{key}`,")
        for family, key in ((4, "ipv4"), (6, "ipv6"))
        if lowered.get(key) is not None
    }


def name_list(value: object, where: str) -> list[str]:
    """The names of a JSON list, none for null; `CandidateError` naming `where` for the rest."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise malformed(f"{where} is not a list of pool names", 'write `["pool-a", "pool-b"]`')
    if "" in value:
        raise malformed(f"{where} has an empty pool name", "leave it out")
    return value


def _lower(value: object) -> dict[str, object]:
    return {str(k).lower(): v for k, v in value.items()} if isinstance(value, dict) else {}


def read_json(text: str, key: str, where: str = "") -> object:
    """The JSON of an annotation; `CandidateError` naming `where` (default: the Pod's `key`)."""
    where = where or f"Pod annotation `{key}`"
    try:
        value: object = loads(text)
    except (ValueError, RecursionError) as error:
        raise malformed(
            f"{where} is not valid JSON: {error}",
            "correct the annotation; strings need double quotes, and no comma ends a list",
        ) from None
    if "\\u" in text and not is_writable(value):
        raise malformed(f"{where} has escapes that are no characters", "write the names plainly")
    return value


def malformed(message: str, hint: str) -> CandidateError:
    """The error for an annotation that cannot be read."""
    return CandidateError(message, hint, code="invalid-pool-annotation")
