"""What a session opens on, what it leaves alone, and what it sees of changes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.repl.commands.loading import poll
from cli.repl.session import Session
from cli.repl.world import Source
from model.errors import ConfigurationError, InvalidManifestsError, StoreError
from tests.cli.conftest import Cli
from tests.cli.repl.test_commands import ALL
from tests.cli.repl.transcripts import HERE
from tests.docs.console import ROOT

WORLD = HERE / "world"
NOW = 1_700_000_000


def digests(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file()
    }


def session_on(*paths: object) -> Session:
    return Session(Source("nowhere.db", tuple(map(str, paths))), lambda: NOW, lambda: 0.0)


def test_no_statement_changes_the_store(
    cli: Cli, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    cli("apply", "-f", "world")
    before = digests(db.parent)
    for transcript in ALL:
        cli("repl", *(part for one in transcript.statements for part in ("-c", one)))
        assert digests(db.parent) == before


def test_a_write_to_the_store_of_a_session_is_refused(cli: Cli, db: Path) -> None:
    cli("apply", "-f", WORLD)
    session = Session(Source(str(db)), lambda: NOW, lambda: 0.0)
    with pytest.raises(StoreError) as refused:
        session.world.store.settings.set("enable_ipv4", "off")
    session.close()
    assert "readonly" in refused.value.message


def test_the_store_an_export_and_a_backup_answer_alike(cli: Cli, db: Path, tmp_path: Path) -> None:
    cli("apply", "-f", WORLD)
    export = tmp_path / "state.jsonl"
    export.write_text(cli("export").out)
    cli("backup", tmp_path / "copy.db")
    asked = ("--pod", "shop/web-1", "-c", "rank", "-c", "why-not cache")
    by_store = cli("repl", *asked)
    assert by_store.code == 0
    assert by_store.out.startswith("IPv4, from the set of pools")
    for source in (tmp_path / "copy.db", export):
        there = cli("repl", source, *asked)
        assert (there.code, there.err) == (0, "")
        assert [line.partition("  (")[0] for line in there.out.splitlines()] == [
            line.partition("  (")[0] for line in by_store.out.splitlines()
        ]


def test_without_a_store_a_session_does_not_begin(cli: Cli, db: Path) -> None:
    ended = cli("repl", "-c", "match")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error[store-missing]: there is no store at `{db}`\n"
        f"  hint: if there was one, mount its disk or `poolweaver restore FILE`; "
        f"`poolweaver --db {db} apply -f ...` makes a new one\n"
    )


def test_statements_come_from_standard_input_without_colour(cli: Cli) -> None:
    text = ':pod shop/web-1\neval {\n\trequire exists pod.label["app"];\n}\nwhy nothing-like-it\nrank\n'
    ended = cli("repl", WORLD, stdin=text)
    assert ended.code == 1
    assert "\x1b" not in ended.out + ended.err
    assert ended.out.startswith(
        'Pod shop/web-1\nok   wants exists pod.label["app"], has "web"\nholds\nIPv4, from'
    )
    assert ended.err == (
        "error[not-found]: there is no pool `nothing-like-it`\n  hint: `match` lists the candidates\n"
    )


def test_every_answer_is_json_where_that_is_asked_for(cli: Cli) -> None:
    ended = cli("repl", WORLD, "-o", "json", "--pod", "shop/web-1", "-c", "match; rank")
    decoder = json.JSONDecoder()
    first, end = decoder.raw_decode(ended.out)
    second, _ = decoder.raw_decode(ended.out, end + 1)
    assert first["families"][0]["candidates"][0]["pool"] == "blue"
    assert [pool["pool"] for pool in second[0]["pools"]] == ["blue", "red", "rest"]


def test_a_pod_that_is_not_there_is_said_before_anything_runs(cli: Cli) -> None:
    ended = cli("repl", WORLD, "--pod", "web", "-c", "match")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error[not-found]: there is no Pod `default/web` in files {WORLD}\n"
        "  hint: `:pod new default/web` imagines one\n"
    )


def test_settings_of_manifests_are_given_with_set(cli: Cli) -> None:
    setting = ("--set", "cluster_network=kube-system/main")
    ended = cli("repl", WORLD, *setting, "--pod", "shop/web-1", "-c", ":facts")
    assert ended.code == 0
    assert ended.out.splitlines()[-1] == 'nic.network = "kube-system/main"'
    assert cli("repl", WORLD, "--set", "cluster_network", "-c", ":facts").code == 2


@pytest.fixture
def files(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORLD, tmp_path / "world"))


def test_a_change_of_a_watched_file_is_told_by_what_it_changes(files: Path) -> None:
    session = session_on(files)
    session.choose("shop", "web-1")
    session.watching = True
    assert poll(session) is None
    pools = files / "pools.yaml"
    pools.write_text(pools.read_text().replace("{app: web}", "{app: webs}"))
    answer = poll(session)
    assert answer is not None
    assert answer.text.splitlines() == [
        f"changed: files {files}: 7 pools, 3 Pods",
        "IPv4: blue 10.1.0.1/16 -> red 10.2.0.1/16",
        "  red: eligible (rank 2) -> chosen (rank 1)",
        "  rest: eligible (rank 3) -> eligible (rank 2)",
        '  blue: chosen (rank 1) -> filtered (podAffinity wants pod.label["app"] in {"webs"}, '
        'but it is "web")',
    ]
    assert poll(session) is None
    session.close()


def test_a_broken_file_is_told_once_and_the_session_goes_on_with_what_it_had(files: Path) -> None:
    session = session_on(files)
    session.choose("shop", "web-1")
    session.watching = True
    pools = files / "pools.yaml"
    good = pools.read_text()
    pools.write_text(good.replace("subnet: 10.1.0.0/16", "subnte: 10.1.0.0/16"))
    with pytest.raises(InvalidManifestsError) as broken:
        poll(session)
    assert [(one.code, str(one.span)) for one in broken.value.errors] == [
        ("missing-field", f"{pools}:6:3"),
        ("unknown-field", f"{pools}:6:3"),
    ]
    assert poll(session) is None
    assert session.decision().families[0].address == "10.1.0.1/16"
    pools.write_text(good)
    answer = poll(session)
    assert answer is not None
    assert answer.text.splitlines()[1:] == ["the decision is the same"]
    pools.unlink()
    (files / "cluster.yaml").unlink()
    with pytest.raises(ConfigurationError):
        poll(session)
    assert session.decision().families[0].address == "10.1.0.1/16"
    session.close()


def test_a_change_of_the_store_by_another_process_is_seen(cli: Cli, db: Path, files: Path) -> None:
    cli("apply", "-f", files)
    session = Session(Source(str(db)), lambda: NOW, lambda: 0.0)
    session.choose("shop", "web-1")
    session.watching = True
    session.remember()
    assert poll(session) is None
    subprocess.run(
        [sys.executable, "-P", "-m", "cli.main", "--db", str(db), "delete", "spiderippool", "blue"],
        check=True,
        capture_output=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    answer = poll(session)
    session.close()
    assert answer is not None
    assert answer.text.splitlines()[1:3] == [
        "IPv4: blue 10.1.0.1/16 -> red 10.2.0.1/16",
        "  red: eligible (rank 2) -> chosen (rank 1)",
    ]


def test_scratch_stores_are_gone_when_a_session_ends(tmp_path: Path) -> None:
    session = session_on(WORLD)
    path = Path(session.world.store.database.path)
    assert path.exists()
    session.load(Source("nowhere.db", (str(WORLD / "pools.yaml"),)))
    assert not path.exists()
    path = Path(session.world.store.database.path)
    session.close()
    assert not path.parent.exists()
