"""`poolweaver export`, `import jsonl` and `import host-local` as their user sees them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ipam.migrate import migrate
from tests.cli.conftest import Cli
from tests.store.samples import unpack_sample

POOL = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: p}
spec: {subnet: 10.1.2.0/24, ips: [10.1.2.1-10.1.2.9]}
"""


@pytest.fixture
def sample(db: Path) -> Path:
    db.parent.mkdir()
    migrate(unpack_sample(1, db))
    return db


def test_an_export_is_written_privately_and_read_into_another_store(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    file = tmp_path / "e.jsonl"
    written = cli("export", "--journal", file)
    printed = cli("export", "--journal")
    assert (written.code, written.out) == (0, "")
    assert written.err == f"{printed.out.count(chr(10))} lines written to {file}\n"
    assert file.read_text(encoding="utf-8") == printed.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["e.jsonl", "state"]
    sample.unlink()
    result = cli("import", "jsonl", file, "--dry-run")
    assert (result.code, result.out.count(" (dry run)\n"), result.err) == (0, 5, "")
    assert not sample.exists()
    result = cli("import", "jsonl", "-", stdin=printed.out)
    assert (result.code, result.out, result.err) == (
        0,
        "9 settings: 2 configured, 7 unchanged\n"
        "4 pools: 4 created\n"
        "6 other objects: 6 created\n"
        "8 leases: 8 taken over\n"
        "15 changes of the journal: taken over\n",
        "",
    )
    assert cli("export", "--journal").out == printed.out
    assert cli("check-store").code == 0


def test_what_stands_in_the_way_is_named_with_its_line(cli: Cli, sample: Path) -> None:
    text = cli("export").out.replace('"pool": "default-v4"', '"pool": "gone"', 1)
    sample.unlink()
    line = next(i for i, one in enumerate(text.splitlines(), 1) if '"gone"' in one)
    result = cli("import", "jsonl", "-", stdin=text)
    assert (result.code, result.out, result.err) == (
        3,
        "",
        f"-:{line}:1: error[pool-missing]: `10.7.0.10` is of the pool `gone`, which is not there\n"
        "  hint: import the pool's manifest, too\n"
        "error: 1 error in the manifests; nothing was done\n",
    )
    assert cli("get", "sp").out == ""


def test_a_file_that_cannot_be_written_or_read_says_so(
    cli: Cli, sample: Path, tmp_path: Path
) -> None:
    path = tmp_path / "none" / "e.jsonl"
    result = cli("export", path)
    assert (result.code, result.out, result.err) == (
        1,
        "",
        f"error[unwritable-file]: cannot write `{path}`: no such file or directory\n"
        "  hint: name a file in a folder that is there, may be written to and has room\n",
    )
    result = cli("import", "jsonl", path)
    assert (result.code, result.out, result.err) == (
        1,
        "",
        f"error[unreadable-file]: cannot read `{path}`: No such file or directory\n"
        "  hint: check the path\n",
    )


def test_host_local_is_taken_over_with_a_word_on_whose_it_was(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "net0"
    folder.mkdir()
    (folder / "10.1.2.2").write_bytes(b"c1\r\neth0")
    cli("apply", "-f", "-", stdin=POOL)
    words = ("import", "host-local", folder, "--pool", "p", "--node", "n1")
    result = cli(*words)
    assert (result.code, result.out, result.err) == (
        0,
        "1 address of network net0 on node n1: 1 taken over\n",
        "",
    )
    (folder / "10.1.2.77").write_bytes(b"c2\r\neth0")
    result = cli(*words[:-2])  # the node is that of the store by now
    problem = "[address-outside-pool]: `10.1.2.77` is no address of the pool `p`\n"
    problem += "  hint: add it to `spec.ips` of the pool\n"
    assert (result.code, result.out, result.err) == (
        3,
        "",
        f"{folder}/10.1.2.77:1:1: error{problem}"
        "error: 1 error in the manifests; nothing was done\n",
    )
    result = cli(*words, "--skip-unplaced", "--dry-run")
    assert (result.code, result.out, result.err) == (
        0,
        "1 address of network net0 on node n1: 1 unchanged (dry run)\n"
        "1 problem: left out (dry run)\n",
        f"{folder}/10.1.2.77:1:1: left out{problem}",
    )
