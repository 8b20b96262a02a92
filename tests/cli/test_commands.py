"""The commands, as their users see them."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import yaml

from cli.main import COMMANDS, MODULES
from tests.cli.conftest import Cli

SEED = Path(__file__).resolve().parents[2] / "examples" / "seed"
POOLS = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: pool-10, labels: {tier: gold}}
spec: {subnet: 10.6.0.0/16, ips: [10.6.0.1-10.6.0.9], default: true, nodeName: [node1]}
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: pool-2}
spec: {subnet: "fd00::/64", ips: ["fd00::-fd00::ffff:ffff:ffff:ffff"], multusName: [vlan0]}
"""
POD = """
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {ipam.spidernet.io/ippool: '{"ipv4": ["pool-10"]}'}
spec: {nodeName: node1}
"""


def test_the_list_of_commands_says_what_each_command_says(cli: Cli) -> None:
    shown = cli("--help").out
    for name, text in COMMANDS.items():
        assert name in shown
        assert text.split()[0] in shown
        command = importlib.import_module(f"cli.{MODULES.get(name, name)}").command
        assert command.help, name
        assert cli(name, "--help").out.startswith(f"Usage: poolweaver {name}")


def test_apply_says_what_became_of_each_object_and_is_idempotent(cli: Cli) -> None:
    first = cli("apply", "-f", "-", stdin=POOLS)
    assert (first.code, first.out) == (
        0,
        "spiderippool/pool-10 created\nspiderippool/pool-2 created\n",
    )
    again = cli("apply", "-f", "-", stdin=POOLS.replace("default: true", "default: false"))
    assert again.out == "spiderippool/pool-10 configured\nspiderippool/pool-2 unchanged\n"


def test_a_dry_run_checks_and_changes_nothing(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POD)
    result = cli("apply", "--dry-run", "-f", "-", stdin=POOLS)
    assert "spiderippool/pool-10 created (dry run)" in result.out
    assert cli("get", "sp").err == "No resources found.\n"


def test_other_kinds_are_skipped_and_counted(cli: Cli) -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n"
    result = cli("apply", "-f", "-", stdin=f"{service}---\n{service}")
    assert (result.code, result.out) == (0, "")
    assert result.err == "skipped 2 objects of kind Service: not used for addresses\n"


def test_get_prints_kubectls_columns_in_natural_order(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS)
    assert cli("get", "spiderippool").out == (
        "NAME      VERSION   SUBNET        ALLOCATED-IP-COUNT   TOTAL-IP-COUNT         DEFAULT\n"
        "pool-2    6         fd00::/64     0                    18446744073709551616   false\n"
        "pool-10   4         10.6.0.0/16   0                    9                      true\n"
    )


def test_get_filters_by_name_and_label_and_prints_documents(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS)
    assert (
        cli("get", "sp", "-l", "tier in (gold, silver)", "-o", "name").out
        == "spiderippool/pool-10\n"
    )
    assert cli("get", "sp", "-l", "!tier", "-o", "name").out == "spiderippool/pool-2\n"
    one = json.loads(cli("get", "sp", "pool-10", "-o", "json").out)
    assert one["status"] == {"totalIPCount": 9, "allocatedIPCount": 0}
    both = yaml.safe_load(cli("get", "sp", "-o", "yaml").out)
    assert both["kind"] == "List"
    assert [item["metadata"]["name"] for item in both["items"]] == ["pool-2", "pool-10"]


def test_what_get_prints_can_be_applied_again(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS + "---" + POD)
    for kind in ("sp", "pods"):
        printed = cli("get", kind, "-o", "yaml").out
        assert set(cli("apply", "-f", "-", stdin=printed).out.split()[1::2]) == {"unchanged"}


def test_a_misspelt_name_and_kind_get_suggestions(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS)
    missing = cli("get", "sp", "pool-11")
    assert missing.code == 1
    assert "there is no spiderippool/pool-11\n  hint: did you mean `pool-10`" in missing.err
    assert "did you mean `spiderippool`" in cli("get", "spideripool").err


def test_describe_shows_rules_counts_and_holders(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS)
    shown = cli("describe", "sp", "pool-2").out
    assert 'require nic.network in {"kube-system/vlan0"} from multusName;' in shown
    assert "18446744073709551616 total, 0 held, 0 resting, 18446744073709551616 free" in shown
    assert "holders: none" in shown


def test_delete_takes_objects_out(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS + "---" + POD)
    assert cli("delete", "sp", "pool-2", "pool-10").out == (
        "spiderippool/pool-2 deleted\nspiderippool/pool-10 deleted\n"
    )
    assert cli("delete", "pod", "web").code == 0
    gone = cli("delete", "pod", "web")
    assert (gone.code, "there is no Pod `web`" in gone.err) == (1, True)


def test_explain_says_what_would_be_claimed_and_exits_with_4_for_none(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS + "---" + POD)
    shown = cli("explain", "pod", "web")
    assert shown.code == 0
    assert "pool-10: chosen, would get 10.6.0.1/16, 9 free" in shown.out
    assert 'ok   nodeName: wants node.name in {"node1"}, has "node1"  (-:5:80)' in shown.out
    refused = cli("explain", "pod", "default/web", "--node", "node2", "-o", "json")
    assert refused.code == 4
    decision = json.loads(refused.out)
    assert decision["error"]["code"] == "no-matching-pool"
    candidate = decision["families"][0]["candidates"][0]
    assert (candidate["pool"], candidate["outcome"], candidate["free"]) == (
        "pool-10",
        "filtered",
        9,
    )
    assert candidate["checks"][1] == {
        "field": "nodeName",
        "ok": False,
        "expected": 'node.name in {"node1"}',
        "actual": "node2",
        "note": None,
        "span": "-:5:80",
    }


def test_explain_knows_the_pools_of_a_cni_configuration(cli: Cli, tmp_path: Path) -> None:
    plain = POD.replace(
        '  annotations: {ipam.spidernet.io/ippool: \'{"ipv4": ["pool-10"]}\'}\n', ""
    )
    cli(
        "apply",
        "-f",
        "-",
        stdin=POOLS
        + "---"
        + plain
        + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n",
    )
    conf = tmp_path / "net.conflist"
    plugin = {"type": "bridge", "ipam": {"type": "poolweaver", "default_ipv4_ippool": ["pool-*"]}}
    conf.write_text(json.dumps({"cniVersion": "1.0.0", "name": "n", "plugins": [plugin]}))
    shown = cli("explain", "pod", "web", "--cni-conf", conf)
    assert shown.code == 0
    assert "from CNI configuration `default_ipv4_ippool`" in shown.out


def test_explain_of_an_unknown_pod_says_how_to_supply_it(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS)
    result = cli("explain", "pod", "ghost")
    assert result.code == 4
    assert "pod default/ghost is not known" in result.out
    assert "poolweaver apply -f pod.yaml" in result.out


def test_compile_prints_rules_that_fmt_calls_canonical(cli: Cli, tmp_path: Path) -> None:
    rules = cli("compile", SEED / "all-fields").out
    assert 'require pod.label["app"] in {"test-app-3"} from podAffinity;' in rules
    file = tmp_path / "a.rules"
    file.write_text(rules)
    assert cli("fmt", "--check", file).code == 0
    file.write_text(rules.replace("  require", "require"))
    assert cli("fmt", "--check", file).code == 3
    cli("fmt", file)
    assert file.read_text() == rules


def test_a_rule_error_shows_the_line_and_a_caret(cli: Cli) -> None:
    result = cli("fmt", "-", stdin='rules 1\npool "p" {\n  require pod.nam = "x";\n}\n')
    assert result.code == 3
    assert '3 |   require pod.nam = "x";' in result.err
    assert "^^^^^^^" in result.err


def test_changing_the_namespace_setting_compiles_dependent_pools_anew(cli: Cli) -> None:
    cli("apply", "-f", "-", stdin=POOLS)
    assert cli("config", "get", "namespace").out == "kube-system\n"
    assert (
        cli("config", "set", "namespace", "net").out
        == "namespace set to net (1 pool compiled anew)\n"
    )
    assert 'nic.network in {"net/vlan0"}' in cli("describe", "sp", "pool-2").out
    assert cli("config", "set", "namespace", "Bad Name").code == 1
    assert "did you mean `namespace`" in cli("config", "set", "namespce", "x").err


def test_without_a_store_reading_commands_say_how_to_make_one(cli: Cli, db: Path) -> None:
    result = cli("get", "sp")
    assert result.code == 1
    assert str(db) in result.err
    assert "apply -f" in result.err


def test_the_plugin_is_installed_and_replaced_whole(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "bin"
    target.mkdir()
    for _ in range(2):
        result = cli("cni", "install", "--bin-dir", target)
        assert result.code == 0
        assert "must be split by nodeName" in result.out
    names = sorted(path.name for path in target.iterdir())
    assert names == [".poolweaver.modules", "poolweaver"]
    assert (target / "poolweaver").stat().st_mode & 0o777 == 0o755
    missing = cli("cni", "install", "--bin-dir", tmp_path / "none")
    assert (missing.code, "is no folder" in missing.err) == (1, True)


def test_a_usage_error_exits_with_2(cli: Cli) -> None:
    assert cli("get").code == 2
    assert cli("fly").code == 2


@pytest.mark.parametrize("name", sorted(path.name for path in SEED.iterdir() if path.is_dir()))
def test_simulate_fails_on_request_where_a_pod_is_refused(cli: Cli, name: str) -> None:
    plain = cli("simulate", SEED / name)
    assert plain.code == 0
    asked = cli("simulate", SEED / name, "--fail-on-refused")
    assert asked.code == (0 if name in ("shared-pool", "network-affinity") else 4)
    assert json.loads(cli("simulate", SEED / name, "-o", "json").out)["pools"]
