"""IMPORT of host-local's leases: a folder with a file for each address, named by it.

The file holds the container id and the interface, a line each (measured: CRLF between them, none
at the end; versions before interfaces wrote the container id alone). `lock` and
`last_reserved_ip.*` are no addresses. host-local knows no Pods, so these leases are of containers.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ipam.restoring_claims import Wanted, claim_all
from model.addresses import address_text
from model.errors import ConfigurationError, InvalidManifestsError, ManifestError, NotFoundError
from model.leases import RESTING, Attachment
from model.naming import did_you_mean, nearest
from model.pools import PoolRecord
from model.ranges import RangeSyntaxError, parse_address
from model.spans import Span
from store.open_ranges import is_claimable
from store.store import Store
from store.whole import as_one

REASON = "imported from host-local"
FIRST_INTERFACE = "eth0"


@dataclass(frozen=True, slots=True)
class HostLocalReport:
    """`addresses` counts `taken over` and `unchanged`; `left_out` is why the others are not.

    `at_large` are those that were left out and that the pools may hand out now.
    """

    network: str
    node: str
    addresses: Counter[str]
    left_out: tuple[ManifestError, ...]
    at_large: tuple[str, ...]


def import_host_local(
    store: Store,
    folder: str,
    pools: Sequence[str],
    network: str,
    node: str,
    now_seconds: int,
    *,
    skip_unplaced: bool = False,
    dry_run: bool = False,
) -> HostLocalReport:
    """Bind what host-local holds for a network on this node to the containers that have it.

    `pools` names one pool a family; `network` empty: the name of the folder. In one transaction:
    raises `InvalidManifestsError` with everything that cannot be taken over and why, and changes
    nothing then; with `skip_unplaced` the rest is taken over. Repeating it changes nothing. A DEL
    of the container releases what was taken over. `ConfigurationError` for a folder that is none or
    two pools of a family; `NotFoundError` for a pool; `NodeBindingError` for another node's store.
    """
    network = network or Path(os.path.abspath(folder)).name  # noqa: PTH100 - `.` has no name
    errors: list[ManifestError] = []
    with as_one(store, dry_run=dry_run) as whole:
        chosen = _pools(whole, pools)
        lost: list[tuple[int, int]] = []
        found = list(_read(folder, node, network, errors, lost))
        whole.settings.require_node(node)
        wanted = _in_pools(found, chosen, errors)
        addresses = claim_all(whole, wanted, chosen, REASON, now_seconds, errors)
        errors.sort(key=lambda error: error.span.file if error.span else "")
        if errors and not skip_unplaced:
            raise InvalidManifestsError(errors)
        keys = sorted({*lost, *((one.family, one.number) for one in wanted)})
        at_large = tuple(address_text(*key) for key in keys if _is_at_large(whole, *key, chosen))
    return HostLocalReport(network, node, addresses, tuple(errors), at_large)


def _is_at_large(whole: Store, family: int, number: int, chosen: Mapping[int, PoolRecord]) -> bool:
    """Whether a pool may hand out this address of host-local's, which nobody holds here."""
    lease = whole.leases.by_address(family, number)
    free = family in chosen and (lease is None or lease.state == RESTING)
    return free and is_claimable(whole.database, chosen[family].name, family, number)


def _pools(whole: Store, names: Sequence[str]) -> dict[int, PoolRecord]:
    chosen: dict[int, PoolRecord] = {}
    for name in names:
        record = whole.pools.get(name)
        if record is None:
            near = nearest(name, [*whole.pools.names(4), *whole.pools.names(6)])
            hint = did_you_mean(near, "apply the pool first")
            raise NotFoundError(f"there is no spiderippool/{name}", hint)
        other = chosen.setdefault(record.serving.rules.family, record)
        if other is not record:
            raise ConfigurationError(
                f"`{other.name}` and `{name}` are pools of one family",
                "name one pool for IPv4 and one for IPv6",
                code="invalid-argument",
            )
    return chosen


def _read(
    folder: str,
    node: str,
    network: str,
    errors: list[ManifestError],
    lost: list[tuple[int, int]],
) -> Iterator[Wanted]:
    """What each file says, by address; `lost` gets those whose file does not say whose they are."""
    for path in _files(folder):
        span = Span(str(path), 1, 1)
        try:
            family, number = parse_address(path.name)
        except RangeSyntaxError as error:
            errors.append(ManifestError(str(error), "is this host-local's folder?", span))
            continue
        try:
            lines = path.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            lines = []
        if len(lines) not in (1, 2):
            errors.append(_unclear(path, span))
            lost += [(family, number)] if path.stat().st_size else []
            continue
        attachment = Attachment(node, network, lines[0], [*lines, FIRST_INTERFACE][1])
        yield Wanted(attachment, family, number, span)


def _unclear(path: Path, span: Span) -> ManifestError:
    """For a file that does not say who has the address, and why."""
    if not os.access(path, os.R_OK):
        return ManifestError("this file cannot be read", "run as a user who may", span)
    if not path.stat().st_size:
        hint = (
            "host-local was killed before it answered, so nobody has the address: delete the file"
        )
        return ManifestError("this file is empty", hint, span)
    hint = "it should have the container id and the interface, a line each"
    return ManifestError("this file is not one of host-local's", hint, span)


def _files(folder: str) -> list[Path]:
    try:
        paths = sorted(path for path in Path(folder).iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the folder `{folder}`: {os.strerror(error.errno or 0)}",
            "give the folder of a network, such as `/var/lib/cni/networks/NAME`",
            code="unreadable-file",
        ) from None
    files = [path for path in paths if path.is_file()]
    if not files and paths:
        names = ", ".join(f"`{path.name}`" for path in paths[:5])
        raise ConfigurationError(
            f"`{folder}` has folders alone",
            f"give the folder of one network: it has {names}",
            code="invalid-argument",
        )
    ignored = ("lock", "last_reserved_ip")
    return [path for path in files if path.name.partition(".")[0] not in ignored]


def _in_pools(
    found: Sequence[Wanted],
    chosen: Mapping[int, PoolRecord],
    errors: list[ManifestError],
) -> list[Wanted]:
    wanted = []
    for one in found:
        if one.family in chosen:
            wanted.append(one)
            continue
        message = f"no IPv{one.family} pool was given for `{one.text}`"
        errors.append(ManifestError(message, "give one more --pool", one.span, "pool-missing"))
    return wanted
