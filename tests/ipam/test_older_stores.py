"""A CNI call never migrates: another schema than the program's is "try again later", and why."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ipam.migrate import migrate
from store.database import SCHEMA_NUMBER
from tests.ipam.calls import call, environment, k8s, network
from tests.store.samples import SCHEMAS, unpack_sample


@pytest.mark.parametrize("schema", [one for one in SCHEMAS if one < SCHEMA_NUMBER])
def test_a_call_on_an_older_store_says_to_migrate_and_then_serves(
    tmp_path: Path, schema: int
) -> None:
    db = unpack_sample(schema, tmp_path / "ipam.db")
    before = db.read_bytes()
    add = environment("ADD", args=k8s("web-1", "shop"))
    code, error, _ = call(add, network(db))
    assert (code, error["code"], error["msg"], error["details"]) == (
        1,
        11,
        f"the store `{db}` has schema {schema}, and this program needs {SCHEMA_NUMBER}",
        f"run `poolweaver --db {db} migrate`",
    )
    assert db.read_bytes() == before
    migrate(db)
    code, answer, _ = call(environment("STATUS"), network(db, "1.1.0"))
    assert (code, answer) == (0, None)


def test_a_call_on_a_newer_store_says_so(tmp_path: Path) -> None:
    db = unpack_sample(SCHEMAS[-1], tmp_path / "ipam.db")
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("PRAGMA user_version = 99")
    code, error, _ = call(environment("ADD", args=k8s("web-1", "shop")), network(db))
    assert (code, error["code"], error["msg"], error["details"]) == (
        1,
        11,
        f"the store `{db}` has schema 99, and this program knows up to {SCHEMA_NUMBER}",
        "use the newer program that wrote it, or upgrade this one",
    )
