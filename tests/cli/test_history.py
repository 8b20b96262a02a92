"""`poolweaver history` as the person in audit sees it, on a store whose life is known."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from ipam.migrate import migrate
from store.create import create_store
from tests.cli.conftest import Cli
from tests.store.samples import unpack_sample

RULES = "a82992997300"
WHY = "default-v4: podAffinity, namespaceAffinity"
DAY = "2023-11-14T22:13"


@pytest.fixture
def sample(db: Path) -> Path:
    db.parent.mkdir()
    migrate(unpack_sample(1, db))
    return db


def cells(text: str) -> list[list[str]]:
    """The rows of a table, heading included."""
    return [re.split(r" {3,}", line) for line in text.splitlines()]


FIRST = [f"{DAY}:22Z", f"{DAY}:25Z", "shop/job-0", "default-v4", "released", RULES, WHY]
SECOND = [f"{DAY}:26Z", "now", "shop/job-3", "default-v4", "still held", RULES, WHY]
HEADINGS = ["FROM", "TO", "HOLDER", "POOL", "ENDED", "RULES", "DECISION"]


def test_an_address_has_its_holders_in_their_order(cli: Cli, sample: Path) -> None:
    result = cli("history", "10.7.0.10")
    assert (result.code, cells(result.out), result.err) == (0, [HEADINGS, FIRST, SECOND], "")


def test_wide_says_where(cli: Cli, sample: Path) -> None:
    result = cli("history", "10.7.0.10", "-o", "wide")
    heading, first, _ = cells(result.out)
    assert heading == [
        *HEADINGS[:-1],
        "NODE",
        "NETWORK",
        "INTERFACE",
        "CONTAINER",
        "UID",
        "DECISION",
    ]
    assert first == [*FIRST[:-1], "node1", "macvlan-ens192", "eth0", "short-0", "j0", WHY]


MOMENTS = {
    "held": (f"{DAY}:22Z", f"10.7.0.10 was held by shop/job-0 at {DAY}:22Z", [HEADINGS, FIRST]),
    "held, by another clock": (
        "2023-11-15T00:13:22+02:00",
        f"10.7.0.10 was held by shop/job-0 at {DAY}:22Z",
        [HEADINGS, FIRST],
    ),
    "nobody": (
        f"{DAY}:25Z",
        f"nobody held 10.7.0.10 at {DAY}:25Z",
        [["WHEN", *HEADINGS], ["last before", *FIRST], ["first after", *SECOND]],
    ),
    "before the journal": (
        "2023-11-13T00:00Z",
        "it cannot be known who held 10.7.0.10 at 2023-11-13T00:00:00Z: the journal goes back to "
        f"{DAY}:20Z",
        [["WHEN", *HEADINGS], ["first after", *FIRST]],
    ),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_moment_has_an_answer(cli: Cli, sample: Path, name: str) -> None:
    at, sentence, rows = MOMENTS[name]
    result = cli("history", "10.7.0.10", "--at", at)
    first, _, rest = result.out.partition("\n")
    assert (result.code, first, cells(rest), result.err) == (0, sentence, rows, "")


def test_a_day_has_all_its_holders(cli: Cli, sample: Path) -> None:
    result = cli("history", "10.7.0.10", "--at", "2023-11-14")
    first, second, rest = result.out.split("\n", 2)
    assert first == (
        "10.7.0.10 was held by shop/job-0, then shop/job-3 "
        "from 2023-11-14T00:00:00Z to 2023-11-15T00:00:00Z"
    )
    assert second == f"others may have held it then, too: the journal goes back to {DAY}:20Z"
    assert cells(rest) == [HEADINGS, FIRST, SECOND]


def test_an_address_that_nobody_ever_held_says_how_far_that_is_known(
    cli: Cli, sample: Path
) -> None:
    result = cli("history", "10.6.168.109", "--at", "2023-11-15")
    assert (result.code, result.out) == (
        0,
        "nobody held 10.6.168.109 from 2023-11-15T00:00:00Z to 2023-11-16T00:00:00Z, nor earlier, "
        f"as far as is known: the journal goes back to {DAY}:20Z\n",
    )
    result = cli("history", "10.6.168.109")
    assert (result.code, result.out) == (
        0,
        f"nobody held 10.6.168.109, as far as is known: the journal goes back to {DAY}:20Z\n",
    )


def test_an_empty_journal_says_so(cli: Cli, db: Path, sample: Path) -> None:
    with create_store(db) as store:
        store.database.run("DELETE FROM lease")
        store.database.run("DELETE FROM journal")
    result = cli("history", "10.7.0.10", "--at", "1h")
    assert result.code == 0
    assert re.sub(r"at \S+:", "at TIME:", result.out) == (
        "it cannot be known who held 10.7.0.10 at TIME: the journal is empty, since no address was "
        "ever handed out\n"
    )


def test_since_leaves_out_what_had_ended(cli: Cli, sample: Path) -> None:
    result = cli("history", "10.7.0.10", "--since", f"{DAY}:25Z")
    assert (result.code, cells(result.out), result.err) == (0, [HEADINGS, SECOND], "")
    result = cli("history", "10.7.0.10", "--since", "2023-11-01")
    assert (result.code, cells(result.out), result.err) == (
        0,
        [HEADINGS, FIRST, SECOND],
        f"note: the journal goes back to {DAY}:20Z\n",
    )
    result = cli("history", "10.7.0.11", "--since", "1d")
    assert (result.code, result.out, result.err) == (
        0,
        f"nobody held 10.7.0.11 since 1d, as far as is known: the journal goes back to {DAY}:20Z\n",
        "",
    )


@pytest.mark.parametrize(
    "words", [("pod", "shop/web-1"), ("pod/web-1", "-n", "shop"), ("po", "web-1", "-n", "shop")]
)
def test_a_pod_has_its_addresses(cli: Cli, sample: Path, words: tuple[str, ...]) -> None:
    result = cli("history", *words)
    assert (result.code, result.err) == (0, "")
    taken = "taken over by its next sandbox"
    assert [row[:6] for row in cells(result.out)] == [
        ["FROM", "TO", "ADDRESS", "HOLDER", "POOL", "ENDED"],
        [f"{DAY}:20Z", f"{DAY}:21Z", "10.6.168.101", "shop/web-1", "web-v4", taken],
        [f"{DAY}:20Z", f"{DAY}:21Z", "fd00:6::100", "shop/web-1", "web-v6", taken],
        [f"{DAY}:21Z", "now", "10.6.168.101", "shop/web-1", "web-v4", "still held"],
        [f"{DAY}:21Z", "now", "fd00:6::100", "shop/web-1", "web-v6", "still held"],
    ]


def test_a_kept_address_is_told_as_kept(cli: Cli, sample: Path) -> None:
    result = cli("history", "pod", "shop/db-0")
    assert [row[2:6] for row in cells(result.out)][1:] == [
        ["10.6.168.103", "shop/db-0", "web-v4", "kept for its StatefulSet"],
        ["10.6.168.103", "shop/db-0 (kept)", "web-v4", "still kept"],
    ]


def test_a_pod_without_a_history_says_so(cli: Cli, sample: Path) -> None:
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "new"}}
    cli("apply", "-f", "-", stdin=json.dumps(document))
    result = cli("history", "pod", "new")
    assert (result.code, result.out) == (
        0,
        f"Pod default/new held no address, as far as is known: the journal goes back to {DAY}:20Z\n",
    )


def test_programs_get_documents(cli: Cli, sample: Path) -> None:
    result = cli("history", "10.7.0.10", "--at", f"{DAY}:25Z", "-o", "json")
    value = json.loads(result.out)
    assert {key: value[key] for key in list(value)[:7]} == {
        "address": "10.7.0.10",
        "from": f"{DAY}:25Z",
        "to": f"{DAY}:26Z",
        "answer": "nobody",
        "complete": True,
        "journalFrom": f"{DAY}:20Z",
        "holdings": [],
    }
    assert value["before"] == {
        "address": "10.7.0.10",
        "pool": "default-v4",
        "from": f"{DAY}:22Z",
        "to": f"{DAY}:25Z",
        "state": "bound",
        "pod": "shop/job-0",
        "uid": "j0",
        "node": "node1",
        "network": "macvlan-ens192",
        "interface": "eth0",
        "containerID": "short-0",
        "ended": "released",
        "endReason": None,
        "rulesDigest": value["before"]["rulesDigest"],
        "decision": WHY,
        "decisionId": None,
    }
    assert value["before"]["rulesDigest"].startswith(RULES)
    assert yaml.safe_load(
        cli("history", "10.7.0.10", "--at", f"{DAY}:25Z", "-o", "yaml").out
    ) == value  # fmt: skip
    listed = json.loads(cli("history", "pod", "shop/job-0", "-o", "json").out)
    assert listed == {
        "pod": "shop/job-0",
        "journalFrom": f"{DAY}:20Z",
        "holdings": [value["before"]],
    }
    unknown = json.loads(cli("history", "10.7.0.10", "--at", "2023-01-01", "-o", "json").out)
    assert (unknown["answer"], unknown["complete"]) == ("unknown", False)


TIMES = (
    "write `2026-11-17T10:00:00Z` (or another offset, such as `+02:00`), a day such as "
    "`2026-11-17`, or how long ago, such as `2h` or `3d`"
)
REFUSED = {
    "no address": (
        ("10.7.0",),
        "invalid-argument",
        "`10.7.0` is not an IP address",
        "write one address, such as `10.6.168.151` or `fd00::1`; for a Pod: `poolweaver history "
        "pod 10.7.0`",
    ),
    "in no pool": (
        ("192.0.2.1",),
        "not-found",
        "192.0.2.1 is in no pool, and the journal knows nothing of it",
        "`poolweaver get spiderippool` lists the pools",
    ),
    "in a subnet alone": (
        ("10.6.1.1",),
        "not-found",
        "10.6.1.1 is in no pool, and the journal knows nothing of it; it is in the subnet of web-v4",
        "`poolweaver get spiderippool` lists the pools",
    ),
    "no time": (
        ("10.7.0.10", "--at", "last tuesday"),
        "invalid-argument",
        "`last tuesday` of --at is no time",
        TIMES,
    ),
    "no day of the calendar": (
        ("10.7.0.10", "--since", "2023-02-30"),
        "invalid-argument",
        "`2023-02-30` of --since is no time",
        TIMES,
    ),
    "no such Pod": (
        ("pod", "-n", "shop", "web-2"),
        "not-found",
        "the journal knows no Pod `shop/web-2`, and none was applied",
        "did you mean `web-1`",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_asked_is_refused(cli: Cli, sample: Path, name: str) -> None:
    words, code, message, hint = REFUSED[name]
    result = cli("history", *words)
    assert (result.code, result.out) == (1, "")
    assert result.err == f"error[{code}]: {message}\n  hint: {hint}\n"


def test_the_future_is_refused(cli: Cli, sample: Path) -> None:
    result = cli("history", "10.7.0.10", "--at", "9999-01-01")
    assert (result.code, result.out) == (1, "")
    assert re.sub(r"it is \S+ now", "it is TIME now", result.err) == (
        "error[invalid-argument]: `9999-01-01` of --at lies in the future\n  hint: it is TIME now\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        ("10.7.0.10", "--at", "1h", "--since", "1h"),
        ("pod", "web-1", "--at", "1h"),
        ("pod",),
        ("10.7.0.10", "10.7.0.11"),
        ("10.7.0.10", "-n", "shop"),
    ],
)
def test_words_that_do_not_go_together_are_a_usage_error(
    cli: Cli, sample: Path, words: tuple[str, ...]
) -> None:
    result = cli("history", *words)
    assert (result.code, result.out) == (2, "")


def test_an_address_of_a_deleted_pool_still_has_its_history(cli: Cli, sample: Path) -> None:
    assert cli("ip", "release", "--force", "10.7.0.10").code == 0
    assert cli("ip", "release", "--force", "10.7.0.12").code == 0
    assert cli("delete", "sp", "default-v4").code == 0
    rows = cells(cli("history", "10.7.0.10").out)
    assert [row[2:5] for row in rows[1:]] == [
        ["shop/job-0", "default-v4", "released"],
        ["shop/job-3", "default-v4", "released: poolweaver ip release"],
    ]
