"""Candidates: which pools are asked at all, and who named them.

    pod-ippools      Pod annotation `ipam.spidernet.io/ippools`
    pod-ippool       Pod annotation `ipam.spidernet.io/ippool`
    namespace        Namespace annotations `ipam.spidernet.io/default-ipv4-ippool`, `-ipv6-ippool`
    cni-config       `default_ipv4_ippool`, `default_ipv6_ippool` of the CNI configuration
    cluster-default  every pool with `spec.default: true`

The first source present wins for both families; nothing falls through to a later one.
"""

from __future__ import annotations

import json

from grammar.globs import GlobError, compile_glob, glob_matches, is_pattern
from model.errors import CandidateError, UnknownFactsError
from model.facts import PodFacts, Unknown
from model.naming import natural_key, nearest
from model.record import Record
from policy.evaluate import CLUSTER_DEFAULT
from policy.networks import NetworkAnnotationError, nic_names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from model.facts import Facts

PREFIX = "ipam.spidernet.io/"
IPPOOLS, IPPOOL = PREFIX + "ippools", PREFIX + "ippool"
NAMESPACE_KEYS = {4: PREFIX + "default-ipv4-ippool", 6: PREFIX + "default-ipv6-ippool"}
NOT_SUPPORTED = (PREFIX + "subnets", PREFIX + "subnet")
POD_IPPOOLS, POD_IPPOOL, NAMESPACE, CNI_CONFIG = (
    "pod-ippools",
    "pod-ippool",
    "namespace",
    "cni-config",
)


class Candidates(Record):
    """The names to consider for one interface.

    `families` maps 4 and 6 to names in candidate order; a family without names is not there. It is
    None where every default pool is a candidate (`cluster-default`). `clean_gateway` is set by an
    `ippools` item that asks for no default route.
    """

    __slots__ = ("clean_gateway", "families", "source")

    def __init__(
        self,
        source: str,
        families: Mapping[int, Sequence[str]] | None,
        clean_gateway: bool = False,
    ) -> None:
        self.source = source
        self.families = families
        self.clean_gateway = clean_gateway


def select(
    facts: Facts,
    cni_defaults: Mapping[int, Sequence[str]],
    enabled_families: Sequence[int],
    names_of: Callable[[int], list[str]],
) -> Candidates:
    """The candidates of the interface in `facts`.

    `names_of(family)` lists all pools of a family and is asked only where a pattern must be
    expanded. Raises `CandidateError` for a source that is malformed or names nothing, and
    `UnknownFactsError` where a section that may name pools is not known.
    """
    found = _named(facts, cni_defaults)
    if found is None:
        return Candidates(CLUSTER_DEFAULT, None)
    source, lists, clean_gateway = found
    families = {}
    for family in enabled_families:
        names = _expand(lists.get(family, ()), source, family, names_of)
        if names:
            families[family] = names
    if not families:
        raise _no_candidate(source, lists, enabled_families)
    return Candidates(source, families, clean_gateway)


def _no_candidate(
    source: str, lists: Mapping[int, Sequence[str]], enabled_families: Sequence[int]
) -> CandidateError:
    switched_off = [f for f, names in lists.items() if names and f not in enabled_families]
    if switched_off and not any(lists.get(family) for family in enabled_families):
        family = switched_off[0]
        return CandidateError(
            f"{describe(source)} names IPv{family} pools alone, and IPv{family} is switched off",
            f"`poolweaver config set enable_ipv{family} on`, or name pools of the other family",
        )
    return CandidateError(
        f"{describe(source)} names no pool",
        "name at least one pool, or remove it to use the next source",
    )


def describe(source: str) -> str:
    """A source in words."""
    return {
        POD_IPPOOLS: f"Pod annotation `{IPPOOLS}`",
        POD_IPPOOL: f"Pod annotation `{IPPOOL}`",
        NAMESPACE: f"Namespace annotations `{NAMESPACE_KEYS[4]}` and `{NAMESPACE_KEYS[6]}`",
        CNI_CONFIG: "CNI configuration `default_ipv4_ippool` and `default_ipv6_ippool`",
        CLUSTER_DEFAULT: "the set of pools with `spec.default: true`",
    }[source]


def unknown_pools(missing: Sequence[str], source: str, known: Sequence[str]) -> CandidateError:
    """The error for names that do not exist, each with its nearest neighbours."""
    parts = []
    for name in missing:
        near = nearest(name, known)
        parts.append(
            f"for `{name}` did you mean {' or '.join(f'`{n}`' for n in near)}" if near else ""
        )
    names = ", ".join(f"`{name}`" for name in missing)
    plural = "s" if len(missing) > 1 else ""
    return CandidateError(
        f"{describe(source)} names unknown pool{plural} {names}",
        "; ".join(part for part in parts if part)
        or "apply the pool, or correct the name (`poolweaver get spiderippool` lists all)",
        code="unknown-pool",
    )


def _named(
    facts: Facts, cni_defaults: Mapping[int, Sequence[str]]
) -> tuple[str, Mapping[int, Sequence[str]], bool] | None:
    """(source, names by family, clean gateway) of the first source present; None: the default."""
    if isinstance(facts.pod, Unknown):
        raise unknown(facts.pod)
    annotations = facts.pod.annotations
    for key in NOT_SUPPORTED:
        if key in annotations:
            raise CandidateError(
                f"Pod annotation `{key}` is not supported",
                f"SpiderSubnet pools are not there yet: name pools with `{IPPOOL}`",
                code="not-supported",
            )
    if IPPOOLS in annotations:
        return _from_ippools(facts.pod, facts.nic)
    if IPPOOL in annotations:
        value = _json(annotations[IPPOOL], IPPOOL)
        return POD_IPPOOL, _families(value, f"Pod annotation `{IPPOOL}`"), False
    lists = _from_namespace(facts)
    if any(lists.values()):
        return NAMESPACE, lists, False
    if any(cni_defaults.values()):
        return CNI_CONFIG, cni_defaults, False
    return None


def unknown(section: Unknown) -> UnknownFactsError:
    """The error for a section that decides and is not known."""
    return UnknownFactsError(f"{section.what} is not known: {section.reason}", section.hint)


def _from_namespace(facts: Facts) -> Mapping[int, Sequence[str]]:
    if not facts.pod_name:  # a CNI call that is no Pod has no Namespace either
        return {}
    if isinstance(facts.namespace, Unknown):
        raise unknown(facts.namespace)
    lists = {}
    for family, key in NAMESPACE_KEYS.items():
        if key in facts.namespace.annotations:
            where = f"Namespace annotation `{key}`"
            lists[family] = _names(_json(facts.namespace.annotations[key], key, where), where)
    return lists


def _from_ippools(pod: PodFacts, nic: str) -> tuple[str, Mapping[int, Sequence[str]], bool]:
    items = ippools_items(pod)
    if nic not in items:
        listed = ", ".join(f"`{name}`" for name in items)
        raise _malformed(
            f"Pod annotation `{IPPOOLS}` lists no item for interface `{nic}`",
            f"add an item for it; listed are {listed}",
        )
    lists, clean_gateway = items[nic]
    return POD_IPPOOLS, lists, clean_gateway


def ippools_items(pod: PodFacts) -> dict[str, tuple[Mapping[int, Sequence[str]], bool]]:
    """Interface to (names by family, clean gateway), of the annotation `ippools` of a Pod.

    Items without interface are matched by position: the first is `eth0`, the others those of the
    networks annotation. `CandidateError` if the annotation is malformed.
    """
    where = f"Pod annotation `{IPPOOLS}`"
    entries = _json(pod.annotations[IPPOOLS], IPPOOLS)
    if not isinstance(entries, list) or not entries:
        raise _malformed(
            f"{where} is not a list with at least one item",
            'write `[{"interface": "eth0", "ipv4": ["pool"]}]`',
        )
    items: dict[str, tuple[Mapping[int, Sequence[str]], bool]] = {}
    named = _interfaces(pod, entries, where)
    for name, entry in zip(named, entries, strict=True):
        if name in items:
            raise _malformed(
                f"{where} lists interface `{name}` twice", "leave one of the items out"
            )
        clean = _lower(entry).get("cleangateway")
        if clean not in (None, True, False):
            raise _malformed(
                f"{where} has `cleangateway: {json.dumps(clean)}`", "write `true` or `false`"
            )
        items[name] = (_families(entry, where), clean is True)
    return items


def _interfaces(pod: PodFacts, entries: list[object], where: str) -> list[str]:
    """The interface of each item: as named, or by position where none is."""
    given = [_lower(e).get("interface") if isinstance(e, dict) else None for e in entries]
    if all(isinstance(name, str) and name for name in given):
        return [str(name) for name in given]
    if any(given):
        raise _malformed(
            f"{where} names an interface in some items only",
            "give every item an `interface`, or none",
        )
    try:
        nics = nic_names(pod.annotations)
    except NetworkAnnotationError as error:
        raise _malformed(f"{where} has items without interface, and {error}", "") from None
    if len(entries) > len(nics):
        raise _malformed(
            f"{where} has {len(entries)} items, but the Pod has {len(nics)} "
            f"interface{'' if len(nics) == 1 else 's'}",
            "name the interfaces, or list their networks in `k8s.v1.cni.cncf.io/networks`",
        )
    return nics[: len(entries)]


def _families(value: object, where: str) -> dict[int, list[str]]:
    """`{"ipv4": [...], "ipv6": [...]}` by family; keys in any case, as Go reads them."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _malformed(f"{where} is not a JSON object", 'write `{"ipv4": ["pool"]}`')
    lowered = _lower(value)
    return {
        family: _names(lowered[key], f"{where}, key `{key}`,")
        for family, key in ((4, "ipv4"), (6, "ipv6"))
        if lowered.get(key) is not None
    }


def _names(value: object, where: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _malformed(f"{where} is not a list of pool names", 'write `["pool-a", "pool-b"]`')
    if "" in value:
        raise _malformed(f"{where} has an empty pool name", "leave it out")
    return value


def _lower(value: object) -> dict[str, object]:
    return {str(k).lower(): v for k, v in value.items()} if isinstance(value, dict) else {}


def _json(text: str, key: str, where: str = "") -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed(
            f"{where or f'Pod annotation `{key}`'} is not valid JSON: {error}",
            "correct the annotation; strings need double quotes, and no comma ends a list",
        ) from None


def _malformed(message: str, hint: str) -> CandidateError:
    return CandidateError(message, hint, code="invalid-pool-annotation")


def _expand(
    names: Sequence[str], source: str, family: int, names_of: Callable[[int], list[str]]
) -> list[str]:
    """Patterns replaced in place by the names they match, in natural order; no name twice."""
    expanded: list[str] = []
    known: list[str] | None = None
    for name in names:
        if not is_pattern(name):
            expanded.append(name)
            continue
        if known is None:
            known = sorted(names_of(family), key=natural_key)
        try:
            glob = compile_glob(name)
        except GlobError as error:
            raise CandidateError(
                f"{describe(source)} has the malformed pattern `{name}`: it {error}",
                "patterns are those of Go's path.Match: `*`, `?`, `[a-c]`, `[^a]`",
                code="invalid-pool-pattern",
            ) from None
        expanded += [other for other in known if glob_matches(glob, other)]
    seen: set[str] = set()
    for name in expanded:
        if name in seen:
            raise CandidateError(
                f"{describe(source)} names pool `{name}` twice",
                "name it once; a pattern may match it, too",
                code="duplicate-pool",
            )
        seen.add(name)
    return expanded
