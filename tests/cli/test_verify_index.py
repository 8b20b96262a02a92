"""`--verify-index` of `explain` and `simulate`."""

from __future__ import annotations

from pathlib import Path

from store.store import open_store
from tests.cli.conftest import Cli
from tests.ipam.calls import make_store, namespace, pod, pool


def test_the_command_line_compares_where_it_is_asked_to(
    db: Path,
    cli: Cli,
    tmp_path: Path,
) -> None:
    world = pool("p", "10.0.0.1-10.0.0.9", default=True)
    world += pod("web") + namespace("default")
    db.parent.mkdir()
    make_store(db, world)
    explain = ("explain", "pod", "web", "--node", "node1", "--verify-index")
    assert cli(*explain).code == 0
    with open_store(str(db)) as store:
        store.database.run("DELETE FROM anchor")
    refused = cli(*explain)
    assert (refused.code, refused.out) == (1, "")
    assert "index-disagrees" in refused.err
    assert "for pod default/web, IPv4, rank 1 is pool `p` by the rules and no pool" in refused.err
    file = tmp_path / "world.yaml"
    file.write_text(
        world + '---\n{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}\n'
    )
    assert cli("simulate", file, "--verify-index").code == 0
