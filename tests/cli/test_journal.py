"""`poolweaver journal prune`, and what `history` says afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipam.migrate import migrate
from store.store import open_store
from tests.cli.conftest import Cli
from tests.store.samples import unpack_sample


@pytest.fixture
def sample(db: Path) -> Path:
    db.parent.mkdir()
    migrate(unpack_sample(1, db))
    return db


def test_what_is_too_old_is_forgotten_and_history_says_so(cli: Cli, sample: Path) -> None:
    first, second = cli("journal", "prune"), cli("journal", "prune")
    # Of 15 changes, 8 are those from which the leases of the sample come.
    assert (first.code, first.out, first.err) == (
        0,
        "7 changes forgotten, 8 left in the journal; it is complete from 2023-11-14T22:13:29Z on\n",
        "",
    )
    assert (second.code, second.out) == (
        0,
        "0 changes forgotten, 8 left in the journal; it is complete from 2023-11-14T22:13:29Z on\n",
    )
    result = cli("history", "10.7.0.10", "--at", "2023-11-14T22:13:22Z")
    sentence, _, rest = result.out.partition("\n")
    assert (result.code, sentence) == (
        0,
        "it cannot be known who held 10.7.0.10 at 2023-11-14T22:13:22Z: the journal goes back to "
        "2023-11-14T22:13:29Z",
    )
    assert "first after   2023-11-14T22:13:26Z   now   shop/job-3" in rest
    # What is left of the address is the end of its story: from there on all is known.
    result = cli("history", "10.7.0.10", "--at", "2023-11-14T22:13:27Z")
    assert result.out.startswith("10.7.0.10 was held by shop/job-3 at 2023-11-14T22:13:27Z\n")
    result = cli("history", "10.7.0.11")
    assert result.out.splitlines()[1].startswith("before 2023-11-14T22:13:27Z")
    assert result.err == "note: the journal goes back to 2023-11-14T22:13:29Z\n"
    assert cli("check-store").code == 0


def test_without_bounds_nothing_is_forgotten(cli: Cli, sample: Path) -> None:
    cli("config", "set", "journal_days", "0")
    result = cli("journal", "prune")
    assert (result.code, result.out) == (
        0,
        "0 changes forgotten, 15 left in the journal; it is complete from 2023-11-14T22:13:20Z "
        "on\n",
    )
    with open_store(str(sample)) as store:
        assert store.journal.row_count() == 15


def test_reconcile_forgets_what_is_due_where_no_call_comes_any_more(cli: Cli, sample: Path) -> None:
    with open_store(str(sample)) as store:
        before = store.journal.row_count()
    assert cli("reconcile", "--force", "--dry-run").code == 0
    with open_store(str(sample)) as store:
        assert store.journal.row_count() == before
    assert cli("reconcile", "--force", "--grace", "999999999").code == 0
    told = cli("journal", "prune").out
    assert told.startswith("0 changes forgotten, ")
    with open_store(str(sample)) as store:
        assert store.journal.row_count() < before
