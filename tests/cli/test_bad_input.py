"""Bad manifests: exit 3, file:line:col, a hint, and the store as it was."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ipam.allocate import allocate
from ipam.request import Request
from model.leases import Attachment
from store.store import open_store
from tests.cli.conftest import Cli

GOOD = """apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: good
spec:
  subnet: 10.6.0.0/16
  ips:
  - 10.6.0.1-10.6.0.9
"""
BAD = GOOD.replace("name: good", "name: bad").replace("10.6.0.1-10.6.0.9", "10.6.1.1-10.6.1.9")

ROWS = [
    (
        "unknown field",
        BAD.replace("  ips:", "  ipz:"),
        "7:3: error[unknown-field]: unknown field `spec.ipz`",
        "did you mean `ips`?",
    ),
    (
        "wrong operator",
        BAD
        + "  podAffinity:\n    matchExpressions:\n    - {key: a, operator: Gt, values: ['1']}\n",
        "11:26: error[invalid-selector]: spec.podAffinity.matchExpressions[0].operator: `Gt` is not an operator",
        "write `In`, `NotIn`, `Exists` or `DoesNotExist`",
    ),
    (
        "wrong operator where Spiderpool does not look",
        BAD
        + "  nodeAffinity:\n    matchExpressions:\n    - {key: a, operator: Gt, values: ['1']}\n",
        "11:26: error[invalid-selector]: spec.nodeAffinity.matchExpressions[0].operator: `Gt` is not an operator",
        "write `In`, `NotIn`, `Exists` or `DoesNotExist`",
    ),
    (
        "reversed range",
        BAD.replace("10.6.1.1-10.6.1.9", "10.6.1.9-10.6.1.1"),
        "8:5: error[reversed-range]: spec.ips[0]: `10.6.1.9-10.6.1.1` runs backwards",
        "write `10.6.1.1-10.6.1.9`",
    ),
    (
        "overlap with a stored pool",
        BAD.replace("10.6.1.1-10.6.1.9", "10.6.0.5-10.6.0.20"),
        "8:5: error[address-overlap]: spec.ips[0]: `10.6.0.5-10.6.0.9` also belongs to the pool `good`",
        "take it out of one of the pools, for example with `excludeIPs: [10.6.0.5-10.6.0.9]`",
    ),
    (
        "overlap of different subnets",
        BAD.replace("10.6.0.0/16", "10.6.1.0/24"),
        "6:11: error[subnet-overlap]: spec.subnet: the subnet `10.6.1.0/24` overlaps that of the pool `good`",
        "pools share a subnet by writing the same one, or have disjoint ones",
    ),
    (
        "gateway outside the subnet",
        BAD + "  gateway: 10.7.0.1\n",
        "9:12: error[gateway-outside-subnet]: spec.gateway: `10.7.0.1` is not inside the subnet `10.6.0.0/16`",
        "a next hop must be one of `10.6.0.0-10.6.255.255`",
    ),
    (
        "broken YAML",
        BAD + "  podAffinity: {matchLabels: {app: web}\n",
        "error[manifest-syntax]: ",
        "look at the `{` in line 18",
    ),
]


@pytest.mark.parametrize(("what", "text", "message", "hint"), ROWS, ids=[row[0] for row in ROWS])
def test_a_bad_manifest_is_refused_with_its_place_and_a_hint(
    cli: Cli, tmp_path: Path, what: str, text: str, message: str, hint: str
) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    cli("apply", "-f", tmp_path / "good.yaml")
    before = cli("get", "sp", "-o", "yaml").out
    file = tmp_path / "bad.yaml"
    file.write_text(GOOD.replace("default: true", "") + "---\n" + text)
    first_line = len(GOOD.splitlines()) + 1

    result = cli("apply", "-f", file)

    assert (result.code, result.out) == (3, "")
    line, _, rest = message.partition(":")
    wanted = f"{file}:{int(line) + first_line}:{rest}" if line.isdigit() else message
    assert wanted in result.err
    assert f"  hint: {hint}\n" in result.err
    assert result.err.endswith("error: 1 error in the manifests; nothing was done\n")
    assert "Traceback" not in result.err
    assert cli("get", "sp", "-o", "yaml").out == before


def test_a_binary_file_is_refused(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "pool.yaml"
    file.write_bytes(bytes(range(256)))
    result = cli("apply", "-f", file)
    assert result.code == 3
    assert f"{file}:1:1: error[manifest-unreadable]: " in result.err
    assert "  hint: " in result.err


def test_a_text_that_ends_inside_a_bracket_is_refused_with_its_line(cli: Cli) -> None:
    result = cli("apply", "-f", "-", stdin="kind: [")
    assert result.err == (
        "-:1:1: error[manifest-syntax]: a list in brackets is not closed\n"
        "  hint: look at the `[` in line 1\n"
        "error: 1 error in the manifests; nothing was done\n"
    )


def test_every_error_of_every_file_is_reported_at_once(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BAD.replace("  ips:", "  ipz:"))
    (tmp_path / "b.yaml").write_text(BAD.replace("name: bad", "name: Bad_Name"))
    result = cli("apply", "-f", tmp_path)
    assert result.code == 3
    assert result.err.endswith("error: 2 errors in the manifests; nothing was done\n")
    assert result.err.index("a.yaml:7:3") < result.err.index("b.yaml:4:9")


def test_a_missing_file_is_a_failure_not_a_traceback(cli: Cli, tmp_path: Path) -> None:
    result = cli("apply", "-f", tmp_path / "none.yaml")
    assert result.code == 1
    assert f"cannot read `{tmp_path / 'none.yaml'}`: No such file or directory" in result.err


def test_an_empty_folder_says_what_manifests_end_in(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = cli("apply", "-f", tmp_path / "empty")
    assert result.code == 1
    assert "has no manifest" in result.err
    assert ".yaml, .yml, .json" in result.err


def test_what_a_pool_may_not_change_under_use_is_refused(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    cli("apply", "-f", "-", stdin=GOOD)
    with open_store(str(db)) as store:
        request = Request(Attachment("node1", "net", "c1", "eth0"), cni_defaults={4: ["good"]})
        assert allocate(store, request, 1).leases[0].answer.address == "10.6.0.1/16"
    for text, message in (
        (
            GOOD.replace("10.6.0.0/16", "10.6.0.0/17"),
            "-:6:11: error[immutable-field]: `spec.subnet` of the pool cannot be changed",
        ),
        (
            GOOD.replace("10.6.0.1-10.6.0.9", "10.6.0.2-10.6.0.9"),
            "-:8:3: error[address-in-use]: spec.ips: `10.6.0.1` is held by `c1/eth0` and would leave the pool",
        ),
        (
            GOOD + "  excludeIPs:\n  - 10.6.0.1\n",
            "-:10:5: error[address-in-use]: spec.excludeIPs[0]: `10.6.0.1` is held by `c1/eth0` and would leave the pool",
        ),
    ):
        result = cli("apply", "-f", "-", stdin=text)
        assert (result.code, result.out) == (3, "")
        assert message in result.err
    allowed = GOOD + "  disable: true\n  gateway: 10.6.0.254\n  nodeName: [node2]\n"
    assert cli("apply", "-f", "-", stdin=allowed).out == "spiderippool/good configured\n"
    refused = cli("delete", "sp", "good")
    assert refused.code == 1
    assert "pool `good` is in use: 10.6.0.1 is held by c1/eth0" in refused.err
    assert refused.err.endswith(
        "  hint: delete the Pods first (their DEL frees the addresses), then the pool; or add "
        "--drain, which deletes it with the last of them\n"
    )


@pytest.mark.parametrize(
    "command",
    ["history pod {}", "get pod -n {}", "delete pool {}", "replay {}", "describe pool {}"],
)
def test_an_argument_that_is_not_in_utf_8_is_an_error(cli: Cli, command: str) -> None:
    cli("apply", "-f", "-", stdin=GOOD)
    odd = os.fsdecode(b"a\xff")
    refused = cli(*command.format(odd).split())
    assert (refused.code, refused.out, refused.err) == (
        1,
        "",
        "error[invalid-argument]: an argument is not in UTF-8\n",
    )
