"""Export and import: what comes out goes in again, and comes out the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ipam.apply import apply
from ipam.drain import drain_pool
from ipam.export import export_lines
from ipam.import_jsonl import import_jsonl
from ipam.migrate import migrate
from model.errors import InvalidManifestsError
from model.leases import (
    Attachment,
    Claim,
    Claimed,
    FamilyClaim,
    Holder,
    LetGo,
    PoolChoice,
    Release,
    TakeOver,
    pod_tenant,
)
from store.create import create_store
from store.repair import check
from store.store import Store, open_store
from tests.store.samples import unpack_sample

NOW = 1_800_000_000


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = unpack_sample(1, tmp_path / "old.db")
    migrate(path)
    return path


def exported(path: str | Path, journal: bool = False) -> list[str]:
    with open_store(str(path)) as store:
        return list(export_lines(store, journal=journal))


def imported(path: Path, lines: list[str], **more: bool) -> Any:
    data = "".join(f"{line}\n" for line in lines).encode()
    with create_store(path) as store:
        try:
            return import_jsonl(store, "e.jsonl", data, NOW, **more)
        finally:
            assert check(store) == []


@pytest.mark.parametrize("journal", [False, True])
def test_what_is_exported_is_imported_into_an_empty_store_as_it_was(
    sample: Path, tmp_path: Path, journal: bool
) -> None:
    lines = exported(sample, journal)
    report = imported(tmp_path / "new.db", lines)
    assert report.leases == {"taken over": 8}
    assert report.changes == (15 if journal else 0)
    assert exported(tmp_path / "new.db", journal) == lines
    again = imported(tmp_path / "new.db", lines)
    assert (again.leases, again.pools, again.changes) == ({"unchanged": 8}, {"unchanged": 4}, 0)
    assert exported(tmp_path / "new.db", journal) == lines


def test_an_export_is_of_one_moment_whatever_is_written_meanwhile(sample: Path) -> None:
    before = exported(sample, journal=True)
    with open_store(str(sample)) as store, open_store(str(sample)) as other:
        lines = export_lines(store, journal=True)
        begun = next(lines)
        for pool in other.pools.list():
            gone = [LetGo([one], "meanwhile") for one in other.leases.by_pool(pool.name)]
            other.leases.execute(gone, NOW)
        other.settings.set("quarantine_seconds", 1)
        assert [begun, *lines] == before
    assert exported(sample, journal=True) != before


def test_a_dry_run_says_the_same_and_keeps_nothing(sample: Path, tmp_path: Path) -> None:
    create_store(tmp_path / "new.db").close()
    before = exported(tmp_path / "new.db")
    report = imported(tmp_path / "new.db", exported(sample), dry_run=True)
    assert report.leases == {"taken over": 8}
    assert exported(tmp_path / "new.db") == before


def test_without_the_journal_the_past_is_not_made_up(sample: Path, tmp_path: Path) -> None:
    imported(tmp_path / "new.db", exported(sample))
    with open_store(str(tmp_path / "new.db")) as store:
        assert store.journal.known_from() == NOW
        assert store.journal.row_count() == 8


def test_an_imported_lease_is_released_and_taken_over_as_before(
    sample: Path, tmp_path: Path
) -> None:
    imported(tmp_path / "new.db", exported(sample))
    with open_store(str(tmp_path / "new.db")) as store:
        web = Holder("shop", "web-1", "u1", pod_tenant("shop", "web-1", "u1", "eth0"))
        at = Attachment("node1", "macvlan-ens192", "next", "eth0")
        (taken,) = store.leases.execute([TakeOver(at, web)], NOW)
        both = ["10.6.168.101/16", "fd00:6::100/64"]
        assert [one.answer.address for one in taken.leases] == both  # type: ignore[union-attr]
        (gone,) = store.leases.execute([Release(at)], NOW)
        assert len(gone.leases) == 2  # type: ignore[union-attr]
        assert check(store) == []


def test_a_pool_that_drains_and_a_family_that_is_off_come_through(
    sample: Path, tmp_path: Path
) -> None:
    with open_store(str(sample)) as store:
        assert drain_pool(store, "default-v4", NOW) == 2
        store.settings.set("enable_ipv6", "off")
    lines = exported(sample)
    imported(tmp_path / "new.db", lines)
    assert exported(tmp_path / "new.db") == lines


POOLS = b"""
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: v4, annotations: {poolweaver.io/quarantine-seconds: "5"}}
spec: {subnet: 10.0.0.0/24, ips: [10.0.0.1-10.0.0.3]}
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: v6}
spec: {subnet: fd00::/64, ips: ["fd00::1-fd00::3"]}
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderReservedIP
metadata: {name: r}
spec: {ips: [10.0.0.2]}
"""
STEP = st.tuples(
    st.sampled_from(["claim", "claim both", "take over", "release", "keep", "prune"]),
    st.integers(0, 3),
)


def act(store: Store, what: str, value: int, now: int) -> None:
    who = Holder("shop", f"web-{value}", "u", pod_tenant("shop", f"web-{value}", "u", "eth0"))
    at = Attachment("n", "net", f"c{value}", "eth0")
    families = [FamilyClaim(4, [PoolChoice("v4", 24, "10.0.0.254", (("0.0.0.0/0", "10.0.0.9"),))])]
    if what == "claim both":
        families.append(FamilyClaim(6, [PoolChoice("v6", 64)]))
    if what == "prune":
        store.journal.prune(now - value, 0, 100)
        return
    operations: dict[str, Callable[[], Any]] = {
        "claim": lambda: Claim(at, who, families, store.pools.rules_digest()),
        "claim both": lambda: Claim(at, who, families, store.pools.rules_digest()),
        "take over": lambda: TakeOver(Attachment("n", "net", f"t{now}", "eth0"), who),
        "release": lambda: Release(at),
        "keep": lambda: LetGo(store.leases.by_pod("shop", f"web-{value}"), "why", keep=True),
    }
    store.leases.execute([operations[what]()], now)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEP, max_size=12), st.booleans())
def test_whatever_happened_to_a_store_it_comes_out_as_it_went_in(
    steps: list[tuple[str, int]], journal: bool
) -> None:
    with TemporaryDirectory() as folder:
        old, new = Path(folder) / "old.db", Path(folder) / "new.db"
        with create_store(old) as store:
            apply(store, [("p.yaml", POOLS)], NOW - 100)
            for seconds, (what, value) in enumerate(steps):
                act(store, what, value, NOW - 90 + seconds)
        lines = exported(old, journal)
        imported(new, lines)
        assert exported(new, journal) == lines


# --- what stands in the way


def found(path: Path, lines: list[str]) -> list[tuple[object, ...]]:
    before = exported(path) if path.exists() else None
    with pytest.raises(InvalidManifestsError) as caught:
        imported(path, lines)
    if before is not None:
        assert exported(path) == before
    return [(str(one.span), one.code, one.message, one.hint) for one in caught.value.errors]


def record(lines: list[str], kind: str, **wanted: object) -> tuple[int, dict[str, Any]]:
    """(place, record) of the first line of a kind with these values."""
    for place, line in enumerate(lines):
        value = json.loads(line).get(kind)
        if value is not None and all(value.get(key) == one for key, one in wanted.items()):
            return place, value
    raise AssertionError(wanted)


LEAVE_OUT = (
    "correct the line, or leave it out; `poolweaver check-store` says what is wrong with the store "
    "it is from"
)
EXPORT_AGAIN = "export again, with the program that reads it"
BAD_LEASES: dict[str, tuple[object, ...]] = {
    "another pool": (
        {"pool": "nowhere"},
        "pool-missing",
        "`10.7.0.10` is of the pool `nowhere`, which is not there",
        "import the pool's manifest, too",
    ),
    "no address of its pool": (
        {"address": "10.7.0.99"},
        "address-outside-pool",
        "`10.7.0.99` is no address of its pool `default-v4`",
        "add it to `spec.ips` of the pool, or leave out the lease",
    ),
    "a family that is not its pool's": (
        {"address": "fd00::1"},
        "address-outside-pool",
        "`fd00::1` is no address of its pool `default-v4`",
        "add it to `spec.ips` of the pool, or leave out the lease",
    ),
    "no address": (
        {"address": "10.7.0"},
        "invalid-address",
        "`10.7.0` is not an IP address",
        "write one address, such as `10.6.168.151` or `fd00::1`",
    ),
    "no state": (
        {"state": "held"},
        "invalid-value",
        "`held` is no state of a lease",
        EXPORT_AGAIN,
    ),
    "no number": (
        {"claim": "one"},
        "wrong-type",
        "`lease.claim` is to be a whole number",
        EXPORT_AGAIN,
    ),
    "a number out of bounds": (
        {"changedAt": -1},
        "invalid-value",
        "`lease.changedAt` is out of bounds",
        EXPORT_AGAIN,
    ),
    "an answer with another address": (
        {"answer": {"address": "10.7.0.11/16", "gateway": "", "routes": []}},
        "invalid-value",
        "the lease of `10.7.0.10` answers with another address, or with none",
        LEAVE_OUT,
    ),
    "one family of two": (
        {"families": 2},
        "invalid-value",
        "container `short-3`, interface eth0 holds `10.7.0.10` without the other family that it was "
        "answered with",
        LEAVE_OUT,
    ),
    "a field too many": (
        {"colour": "red"},
        "unknown-field",
        "there is no field `lease.colour`",
        EXPORT_AGAIN,
    ),
}


@pytest.mark.parametrize("name", BAD_LEASES)
def test_a_lease_that_cannot_be_is_named_with_its_line(
    sample: Path, tmp_path: Path, name: str
) -> None:
    change, *expected = BAD_LEASES[name]
    assert isinstance(change, dict)
    lines = exported(sample)
    place, lease = record(lines, "lease", address="10.7.0.10")
    lines[place] = json.dumps({"lease": lease | change})
    assert found(tmp_path / "new.db", lines) == [(f"e.jsonl:{place + 1}:1", *expected)]


def test_all_conflicts_are_named_in_their_order_and_nothing_is_done(
    sample: Path, tmp_path: Path
) -> None:
    lines = exported(sample)
    imported(tmp_path / "new.db", lines)
    first, lease = record(lines, "lease", address="10.6.168.101")
    lines[first] = json.dumps({"lease": lease | {"containerID": "other"}})
    second, other = record(lines, "lease", address="10.7.0.10")
    lines[second] = json.dumps({"lease": other | {"address": "10.7.0.12"}})
    third, _ = record(lines, "lease", address="10.7.0.12", containerID="short-2")
    assert found(tmp_path / "new.db", lines) == [
        (
            f"e.jsonl:{first + 1}:1",
            "held-by-another",
            "`10.6.168.101` is held here by shop/web-1",
            "release the address here first, or leave out the lease",
        ),
        (
            f"e.jsonl:{second + 1}:1",
            "held-by-another",
            "`10.7.0.12` is held here by shop/job-2",
            "release the address here first, or leave out the lease",
        ),
        (
            f"e.jsonl:{third + 1}:1",
            "held-twice",
            f"`10.7.0.12` has a lease in line {second + 1} already",
            "keep one of the two lines",
        ),
    ]


def test_a_lease_takes_the_place_of_one_that_rests_here(sample: Path, tmp_path: Path) -> None:
    lines, new = exported(sample), tmp_path / "new.db"
    imported(new, lines)
    with open_store(str(new)) as store:
        lease = store.leases.by_address(4, 0x0A07000A)
        assert lease is not None
        store.leases.execute([LetGo([lease], "for a while")], NOW)
        resting = store.leases.by_address(4, 0x0A07000A)
        assert resting is not None
        assert resting.state == "resting"
    assert imported(new, lines).leases == {"taken over": 1, "unchanged": 7}
    assert exported(new) == lines


def test_an_interface_keeps_the_address_that_it_has_here(sample: Path, tmp_path: Path) -> None:
    lines = exported(sample)
    imported(tmp_path / "new.db", lines)
    place, lease = record(lines, "lease", address="10.6.168.101")
    lines[place] = json.dumps({"lease": lease | {"address": "10.6.168.110"}})
    assert found(tmp_path / "new.db", lines) == [
        (
            f"e.jsonl:{place + 1}:1",
            "held-by-another",
            "shop/web-1 holds `10.6.168.101` here, on the same interface",
            "release the address here first, or leave out the lease",
        )
    ]


def test_a_manifest_that_is_wrong_is_named_with_its_line(sample: Path, tmp_path: Path) -> None:
    lines = exported(sample)
    place = next(i for i, line in enumerate(lines) if '"name": "default-v4"' in line)
    lines[place] = lines[place].replace("10.7.0.10-10.7.0.12", "10.7.0.12-10.7.0.10")
    ((span, code, *_),) = found(tmp_path / "new.db", lines)
    column = lines[place].index('"10.7.0.12-') + 1
    assert (span, code) == (f"e.jsonl:{place + 1}:{column}", "reversed-range")


def test_a_pool_that_overlaps_another_is_named_with_its_line(sample: Path, tmp_path: Path) -> None:
    with create_store(tmp_path / "new.db") as store:
        text = POOLS.replace(b"10.0.0.0/24", b"10.7.0.0/24").replace(b"10.0.0.", b"10.7.0.1")
        apply(store, [("p.yaml", text)], NOW)
    lines = exported(sample)
    errors = found(tmp_path / "new.db", lines)
    place = next(i for i, line in enumerate(lines) if '"name": "default-v4"' in line)
    assert {str(span).split(":")[1] for span, *_ in errors} == {str(place + 1)}
    assert "address-overlap" in {code for _, code, *_ in errors}


def test_settings_and_nodes_that_make_no_sense_are_named(sample: Path, tmp_path: Path) -> None:
    with create_store(tmp_path / "new.db") as store:
        store.settings.require_node("node2")
    lines = exported(sample)
    place = next(i for i, line in enumerate(lines) if '"journal_days"' in line)
    lines[place] = '{"setting": "journal_days", "value": "soon"}'
    node = lines.index('{"node": "node1"}')
    assert found(tmp_path / "new.db", lines) == [
        (
            f"e.jsonl:{place + 1}:1",
            "invalid-value",
            "`soon` is no value for the setting `journal_days`",
            "write a whole number of days from 1 to 36525, or 0 for no bound by age",
        ),
        (
            f"e.jsonl:{node + 1}:1",
            "invalid-value",
            "the export is of the store of node `node1`, and this one serves `node2`",
            "give each node a store of its own, or switch `node_binding` off (in a laboratory)",
        ),
    ]


def test_two_journals_are_not_made_one(sample: Path, tmp_path: Path) -> None:
    with create_store(tmp_path / "new.db") as store:
        apply(store, [("p.yaml", POOLS)], NOW)
        at = Attachment("node1", "net", "c", "eth0")
        wanted = [FamilyClaim(4, [PoolChoice("v4", 24)])]
        claim = Claim(at, Holder(), wanted, store.pools.rules_digest())
        assert isinstance(store.leases.execute([claim], NOW)[0], Claimed)
    lines = exported(sample, journal=True)
    place, _ = record(lines, "change")
    assert found(tmp_path / "new.db", lines) == [
        (
            f"e.jsonl:{place + 1}:1",
            "invalid-value",
            "this store has a journal already, and two do not make one",
            "import into a new store, or leave out --journal when you export",
        )
    ]
    report = imported(tmp_path / "new.db", exported(sample))
    assert report.leases == {"taken over": 8}


def test_a_journal_and_leases_that_disagree_are_refused(sample: Path, tmp_path: Path) -> None:
    lines = exported(sample, journal=True)
    place, lease = record(lines, "lease", address="10.7.0.10")
    silent = lines.copy()
    silent[place] = json.dumps({"lease": lease | {"containerID": "other"}})
    hint = "export again, with the journal or without it"
    assert found(tmp_path / "new.db", silent) == [
        (
            f"e.jsonl:{place + 1}:1",
            "entry-disagrees",
            "the journal of the file does not tell of the lease of `10.7.0.10`",
            hint,
        )
    ]
    del lines[place]
    last, _ = record(lines, "change", address="10.7.0.10", containerID="short-3")
    assert found(tmp_path / "new.db", lines) == [
        (
            f"e.jsonl:{last + 1}:1",
            "entry-disagrees",
            "the journal says that `10.7.0.10` is held, but there is no lease of it",
            hint,
        )
    ]


GIVE = "give the file that `poolweaver export` wrote"
NO_EXPORT = (
    "e.jsonl:1:1",
    "invalid-manifest",
    'the file does not begin with the line `{"poolweaver": "export", ...}`',
    GIVE,
)
HEADER = '{"poolweaver": "export", "version": 1}'
NO_RECORD = (
    "e.jsonl:2:1",
    "unknown-field",
    "this line is no record of an export",
    "a line has one of `setting`, `node`, `manifest`, `lease`, `change`",
)
FILES = {
    "nothing": ([], [NO_EXPORT]),
    "something else": (['{"kind": "Pod"}'], [NO_EXPORT]),
    "a manifest": (["kind: Pod"], [("e.jsonl:1:1", "manifest-syntax", "this line is no JSON", GIVE)]),
    "a newer export": (
        ['{"poolweaver": "export", "version": 2}'],
        [
            (
                "e.jsonl:1:1",
                "invalid-value",
                "version `2` of an export is not known here",
                "this program reads version 1: use the one that wrote the file",
            )
        ],
    ),
    "lines that are no records": (
        [HEADER, '{"thing": 1}', '{"lease": 1, "node": "n"}', "[]", "{"],
        [
            NO_RECORD,
            ("e.jsonl:3:1", *NO_RECORD[1:]),
            ("e.jsonl:4:1", "wrong-type", "this line is no object", ""),
            ("e.jsonl:5:1", "manifest-syntax", "this line is no JSON", GIVE),
        ],
    ),
    "half a character": (
        [HEADER, r'{"node": "\ud800"}', r'{"node": "\\ud800"}'],
        [("e.jsonl:2:1", "manifest-syntax", "this line is no JSON", GIVE)],
    ),
    "a lease that is none": (
        [HEADER, '{"lease": []}', '{"lease": {}}'],
        [
            ("e.jsonl:2:1", "wrong-type", "`lease` is to be an object", EXPORT_AGAIN),
            ("e.jsonl:3:1", "missing-field", "`lease.address` is missing", EXPORT_AGAIN),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, name: str) -> None:
    lines, expected = FILES[name]
    assert found(tmp_path / "new.db", lines) == expected
