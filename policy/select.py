"""Candidates: which pools are asked at all, and who named them.

    pod-ippools      Pod annotation `ipam.spidernet.io/ippools`
    pod-ippool       Pod annotation `ipam.spidernet.io/ippool`
    namespace        Namespace annotations `ipam.spidernet.io/default-ipv4-ippool`, `-ipv6-ippool`
    cni-config       `default_ipv4_ippool`, `default_ipv6_ippool` of the CNI configuration
    cluster-default  every pool with `spec.default: true`

The first source present wins for both families; nothing falls through to a later one.
"""

from __future__ import annotations

from grammar.globs import GlobError, compile_glob, glob_matches, is_pattern
from model.errors import CandidateError, UnknownFactsError
from model.facts import PodFacts, Unknown
from model.naming import natural_key, nearest
from model.record import Record
from policy.evaluate import CLUSTER_DEFAULT
from policy.pool_annotations import (
    IPPOOL,
    IPPOOLS,
    NAMESPACE_KEYS,
    PREFIX,
    family_lists,
    ippools_items,
    malformed,
    name_list,
    read_json,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from model.facts import Facts

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
    `ippools` item that asks for no default route. `notes` are remarks for an explanation: a family
    that gets nothing since its patterns match nothing.
    """

    __slots__ = ("clean_gateway", "families", "notes", "source")

    def __init__(
        self,
        source: str,
        families: Mapping[int, Sequence[str]] | None,
        clean_gateway: bool = False,
        notes: Sequence[str] = (),
    ) -> None:
        self.notes = notes
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
    families, notes = {}, []
    for family in enabled_families:
        names = expand(lists.get(family, ()), source, family, names_of)
        if names:
            families[family] = names
        elif lists.get(family):
            patterns = ", ".join(f"`{name}`" for name in lists[family])
            notes.append(
                f"no IPv{family} pool matches {patterns}: the Pod gets no IPv{family} address"
            )
    if not families:
        raise _no_candidate(source, lists, enabled_families)
    return Candidates(source, families, clean_gateway, notes)


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
    patterns = [f"`{name}`" for family in enabled_families for name in lists.get(family, ())]
    if patterns:
        return CandidateError(
            f"{describe(source)} names no pool that exists: nothing matches {', '.join(patterns)}",
            "`poolweaver get spiderippool` lists all pools",
        )
    return CandidateError(
        f"{describe(source)} names no pool under `ipv4` or `ipv6`",
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
        value = read_json(annotations[IPPOOL], IPPOOL)
        return POD_IPPOOL, family_lists(value, f"Pod annotation `{IPPOOL}`"), False
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
    if isinstance(facts.namespace, Unknown):
        raise unknown(facts.namespace)
    lists = {}
    for family, key in NAMESPACE_KEYS.items():
        if key in facts.namespace.annotations:
            where = f"Namespace annotation `{key}`"
            value = read_json(facts.namespace.annotations[key], key, where)
            lists[family] = name_list(value, where)
    return lists


def _from_ippools(pod: PodFacts, nic: str) -> tuple[str, Mapping[int, Sequence[str]], bool]:
    items = ippools_items(pod)
    if nic not in items:
        listed = ", ".join(f"`{name}`" for name in items)
        raise malformed(
            f"Pod annotation `{IPPOOLS}` lists no item for interface `{nic}`",
            f"add an item for it; listed are {listed}",
        )
    lists, clean_gateway = items[nic]
    return POD_IPPOOLS, lists, clean_gateway


def expand(
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
