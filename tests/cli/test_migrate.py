"""`poolweaver migrate` as its user sees it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from store.database import SCHEMA_NUMBER
from tests.cli.conftest import Cli
from tests.store.samples import unpack_sample


def test_an_older_store_is_refused_migrated_and_then_served(cli: Cli, db: Path) -> None:
    db.parent.mkdir()
    unpack_sample(1, db)
    refused = cli("get", "sp")
    assert (refused.code, refused.out, refused.err) == (
        1,
        "",
        f"error[store-schema]: the store `{db}` has schema 1, and this program needs "
        f"{SCHEMA_NUMBER}\n  hint: run `poolweaver --db {db} migrate`\n",
    )
    first, second = cli("migrate"), cli("migrate")
    assert (first.code, first.out, first.err) == (0, f"schema 1 -> {SCHEMA_NUMBER}\n", "")
    assert (second.code, second.out, second.err) == (
        0,
        f"schema {SCHEMA_NUMBER}: nothing to do\n",
        "",
    )
    assert "web-v6" in cli("get", "sp").out


def test_a_newer_store_is_left_as_it_is(cli: Cli, db: Path) -> None:
    db.parent.mkdir()
    unpack_sample(1, db)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = db.read_bytes()
    result = cli("migrate")
    assert (result.code, result.out, result.err) == (
        1,
        "",
        f"error[store-schema]: the store `{db}` has schema 99, and this program knows up to "
        f"{SCHEMA_NUMBER}\n  hint: use the newer program that wrote it, or upgrade this one\n",
    )
    assert db.read_bytes() == before


def test_migrating_what_is_not_there_says_so(cli: Cli, db: Path) -> None:
    result = cli("migrate")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"error[store-missing]: there is no store at `{db}`\n")
