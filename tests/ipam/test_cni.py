"""The CNI verbs through real processes: results by version, repeats, errors and their codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ipam.calls import call, environment, k8s, make_store, namespace, network, pod, pool

ROUTED = pool(
    "routed",
    "10.0.0.10-10.0.0.19",
    gateway="10.0.0.1",
    routes=[{"dst": "172.16.0.0/12", "gw": "10.0.0.254"}],
)
WORLD = ROUTED + pool("v6", "fd00::10-fd00::19", "fd00::/64") + pod("web", ["routed"], app="web")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", WORLD)


@pytest.mark.parametrize("version", ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
def test_add_answers_in_the_shape_of_the_version(db: Path, version: str) -> None:
    code, answer, _ = call(environment("ADD", args=k8s("web")), network(db, version))
    ip = {"address": "10.0.0.10/16", "gateway": "10.0.0.1"}
    if version < "1.0.0":
        ip["version"] = "4"
    assert code == 0
    assert answer == {
        "cniVersion": version,
        "ips": [ip],
        "routes": [
            {"dst": "172.16.0.0/12", "gw": "10.0.0.254"},
            {"dst": "0.0.0.0/0", "gw": "10.0.0.1"},
        ],
        "dns": {},
    }


def test_clean_gateway_leaves_out_the_default_route_alone(db: Path) -> None:
    _, answer, _ = call(environment("ADD", args=k8s("web")), network(db, clean_gateway=True))
    assert answer["ips"] == [{"address": "10.0.0.10/16", "gateway": "10.0.0.1"}]
    assert answer["routes"] == [{"dst": "172.16.0.0/12", "gw": "10.0.0.254"}]


def test_add_repeated_gives_the_same_lease_and_del_repeated_succeeds(db: Path) -> None:
    add, remove = environment("ADD", args=k8s("web")), environment("DEL", args=k8s("web"))
    first, again = call(add, network(db)), call(add, network(db))
    assert first[:2] == again[:2]
    assert call(remove, network(db))[:2] == (0, None)
    assert call(remove, network(db))[:2] == (0, None)
    assert call(environment("DEL", container="never-seen"), network(db))[:2] == (0, None)


def test_a_repeated_add_logs_the_holder_not_whoever_asks(db: Path) -> None:
    call(environment("ADD", args=k8s("web")), network(db))
    code, _, err = call(environment("ADD", args=k8s("other")), network(db))
    assert code == 0
    assert err.endswith(" info ADD: 10.0.0.10/16 of routed to default/web (repeated)\n")


def test_a_new_sandbox_of_the_same_pod_takes_the_address_back(db: Path) -> None:
    """A DEL of the old sandbox that comes late frees nothing of the new one."""
    args = k8s("web", uid="u-1")
    _, old, _ = call(environment("ADD", "old", args=args), network(db))
    _, new, _ = call(environment("ADD", "new", args=args), network(db))
    assert new == old
    assert call(environment("DEL", "old", args=args), network(db))[:2] == (0, None)
    check = {**network(db), "prevResult": new}
    assert call(environment("CHECK", "new", args=args), check)[:2] == (0, None)


def test_check_compares_addresses_and_fails_after_del(db: Path) -> None:
    env = environment("ADD", args=k8s("web"))
    _, answer, _ = call(env, network(db))
    other = json.loads(json.dumps(answer).replace("10.0.0.10", "10.0.0.11"))
    check = environment("CHECK", args=k8s("web"))
    assert call(check, {**network(db), "prevResult": answer})[:2] == (0, None)
    code, error, _ = call(check, {**network(db), "prevResult": other})
    assert (code, error["code"]) == (1, 105)
    assert error["msg"] == "prevResult says 10.0.0.11/16, but the lease is for 10.0.0.10/16"
    call(environment("DEL", args=k8s("web")), network(db))
    code, error, _ = call(check, {**network(db), "prevResult": answer})
    assert (code, error["msg"]) == (1, "interface eth0 of this container holds no address")


def test_both_families_come_together_or_not_at_all(tmp_path: Path) -> None:
    both = json.dumps({"ipv4": ["four"], "ipv6": ["six"]})
    db = make_store(
        tmp_path / "ipam.db",
        pool("four", "10.0.0.1-10.0.0.9")
        + pool("six", "fd00::1", "fd00::/64")
        + "".join(
            pod(name).replace(
                '"annotations": {}',
                f'"annotations": {{"ipam.spidernet.io/ippool": {json.dumps(both)}}}',
            )
            for name in ("a", "b")
        ),
    )
    _, answer, _ = call(environment("ADD", "a", args=k8s("a")), network(db))
    assert [ip["address"] for ip in answer["ips"]] == ["10.0.0.1/16", "fd00::1/64"]
    code, error, _ = call(environment("ADD", "b", args=k8s("b")), network(db))
    assert (code, error["code"]) == (1, 103)
    assert (
        error["msg"] == "no free IPv6 address for pod default/b: every matching pool is full (six)"
    )
    _, answer, _ = call(environment("ADD", "c"), network(db, default_ipv4_ippool=["four"]))
    assert [ip["address"] for ip in answer["ips"]] == ["10.0.0.2/16"], "b kept no IPv4 address"


def test_a_container_without_pod_has_the_labels_of_its_arguments(tmp_path: Path) -> None:
    affinity = {"matchLabels": {"app": "web"}}
    db = make_store(tmp_path / "ipam.db", pool("p", "10.0.0.1", default=True, podAffinity=affinity))
    labels = {"args": {"cni": {"labels": [{"key": "app", "value": "web"}]}}}
    code, error, _ = call(environment("ADD"), network(db))
    assert (code, error["code"]) == (1, 101)
    assert 'wants pod.label["app"] in {"web"}, but there is none' in error["msg"]
    code, answer, _ = call(environment("ADD"), {**network(db), **labels})
    assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])


def test_version_echoes_and_lists(db: Path) -> None:
    versions = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
    for stdin, echoed in (({"cniVersion": "0.4.0"}, "0.4.0"), ("", "1.1.0")):
        code, answer, _ = call({"CNI_COMMAND": "VERSION"}, stdin)
        assert (code, answer) == (0, {"cniVersion": echoed, "supportedVersions": versions})


def test_without_a_command_it_says_what_it_is(db: Path) -> None:
    code, answer, err = call({}, "")
    assert (code, answer) == (0, None)
    assert err.startswith("poolweaver: a CNI IPAM plugin")


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in environment("ADD").items() if key != name}


@pytest.mark.parametrize(
    ("env", "stdin", "code", "message"),
    [
        (environment("ADD"), "{", 6, "the network configuration is not valid JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (environment("ADD"), "[]", 6, "the network configuration is not a JSON object"),
        (environment("ADD"), "", 6, "the network configuration is not valid JSON: Expecting value: line 1 column 1 (char 0)"),
        (without("CNI_NETNS"), None, 4, "missing environment variable CNI_NETNS"),
        ({"CNI_COMMAND": "ADD"}, None, 4, "missing environment variables CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME, CNI_PATH"),
        (environment("FLY"), None, 4, "CNI_COMMAND is `FLY`"),
        (environment("ADD", container="../x"), None, 4, "CNI_CONTAINERID is `../x`"),
        (environment("ADD", ifname="a/b"), None, 4, "CNI_IFNAME is `a/b`"),
        (environment("ADD", ifname="x" * 16), None, 4, "CNI_IFNAME is `xxxxxxxxxxxxxxxx`"),
        (environment("ADD", args="A=1"), None, 4, "CNI_ARGS has the unknown key A"),
        (environment("ADD", args="IgnoreUnknown=1;;"), None, 4, "CNI_ARGS has the malformed pair ``"),
        (environment("ADD"), {"cniVersion": "0.2.0"}, 1, "cniVersion `0.2.0` is not supported"),
        (environment("ADD"), {"cniVersion": "9.9.9"}, 1, "cniVersion `9.9.9` is not supported"),
        (environment("ADD"), {"cniVersion": None}, 1, "cniVersion `0.1.0` is not supported"),
        (environment("ADD"), {"name": None}, 7, "the network configuration has no valid `name`"),
        (environment("ADD"), {"name": "a b"}, 7, "the network configuration has no valid `name`"),
        (environment("ADD"), {"ipam": None}, 7, "the network configuration has no `ipam` object"),
        (environment("ADD"), {"ipam": {"db": 3}}, 7, "`ipam.db` is 3, not a text"),
        (environment("ADD"), {"ipam": {"clean_gateway": "yes"}}, 7, '`ipam.clean_gateway` is "yes", not a boolean'),
        (environment("ADD"), {"ipam": {"default_ipv4_ippool": "p"}}, 7, "`ipam.default_ipv4_ippool` is not a list of pool names"),
        (environment("ADD"), {"ipam": {"match_master_subnet": True}}, 7, "`ipam.match_master_subnet` is not supported"),
        (environment("ADD"), {"ipam": {"log_level": "loud"}}, 7, "`ipam.log_level` is `loud`"),
        (environment("ADD"), {"args": {"cni": {"labels": "x"}}}, 7, "`args.cni.labels` is not a list of labels"),
        (environment("GC"), {"cniVersion": "1.1.0"}, 7, "GC came without `cni.dev/valid-attachments`"),
        (environment("CHECK"), {"cniVersion": "0.3.1"}, 1, "CHECK needs cniVersion 0.4.0 or newer, the configuration says 0.3.1"),
        (environment("STATUS"), {"cniVersion": "1.0.0"}, 1, "STATUS needs cniVersion 1.1.0 or newer, the configuration says 1.0.0"),
    ],
)  # fmt: skip
def test_a_call_that_breaks_the_specification_gets_its_code(
    db: Path, env: dict[str, str], stdin: object, code: int, message: str
) -> None:
    if not isinstance(stdin, str):
        changes = stdin if isinstance(stdin, dict) else {}
        stdin = {k: v for k, v in {**network(db), **changes}.items() if v is not None}
    exit_code, error, _ = call(env, stdin)
    assert exit_code == 1
    assert (error["code"], error["msg"]) == (code, message)
    assert error["details"]
    assert "cniVersion" in error


def test_an_unknown_pod_is_try_again_and_says_how_to_supply_it(db: Path) -> None:
    code, error, _ = call(environment("ADD", args=k8s("ghost", "shop")), network(db))
    assert (code, error["code"]) == (1, 11)
    assert error["msg"] == "pod shop/ghost is not known: the store knows no Pod `shop/ghost`"
    assert error["details"] == (
        "apply it: `poolweaver apply -f pod.yaml`\ndecision 1 is kept: `poolweaver replay 1`"
    )


def test_a_pod_of_another_uid_is_unknown(tmp_path: Path) -> None:
    manifest = pod("web", ["p"]).replace('"name": "web"', '"name": "web", "uid": "old"')
    db = make_store(tmp_path / "ipam.db", pool("p", "10.0.0.1") + manifest)
    code, error, _ = call(environment("ADD", args=k8s("web", uid="new")), network(db))
    assert (code, error["code"]) == (1, 11)
    assert "with UID `old`, and this one has UID `new`" in error["msg"]


def test_an_unknown_node_is_try_again_where_a_rule_asks_for_it(tmp_path: Path) -> None:
    affinity = {"matchLabels": {"zone": "a"}}
    world = pool("p", "10.0.0.1", nodeAffinity=affinity) + pod("web", ["p"])
    db = make_store(tmp_path / "ipam.db", world)
    code, error, _ = call(environment("ADD", args=k8s("web")), network(db))
    assert (code, error["code"]) == (1, 11)
    assert "node node1 is not known" in error["msg"]
    assert "poolweaver apply -f" in error["details"]


def test_pools_named_by_nobody_come_from_the_default_flag(tmp_path: Path) -> None:
    world = pool("d", "10.0.0.1", default=True) + pool("other", "10.0.0.2") + pod("web")
    db = make_store(tmp_path / "ipam.db", world)
    code, error, _ = call(environment("ADD", args=k8s("web")), network(db))
    assert (code, error["code"]) == (1, 11), "the Namespace may name pools, and is not known"
    assert error["msg"].startswith("namespace default is not known")
    make_store(db, namespace("default"))
    code, answer, _ = call(environment("ADD", args=k8s("web")), network(db))
    assert (code, answer["ips"]) == (0, [{"address": "10.0.0.1/16"}])


def test_a_store_serves_the_node_of_its_first_add_alone(db: Path) -> None:
    assert call(environment("ADD", args=k8s("web")), network(db))[0] == 0
    other = network(db, node_name="node2")
    code, error, _ = call(environment("ADD", "c2", args=k8s("web")), other)
    assert (code, error["code"]) == (1, 104)
    assert "serves node `node1`, not `node2`" in error["msg"]


def test_without_a_store_add_fails_and_del_succeeds(tmp_path: Path) -> None:
    config = network(tmp_path / "none.db")
    code, error, _ = call(environment("ADD", args=k8s("web")), config)
    assert (code, error["code"]) == (1, 5)
    assert str(tmp_path / "none.db") in error["msg"]
    code, answer, err = call(environment("DEL", args=k8s("web")), config)
    assert (code, answer) == (0, None)
    assert "nothing to release" in err


def test_a_damaged_store_fails_every_verb_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "ipam.db"
    file.write_bytes(b"this is no database" * 100)
    for verb in ("ADD", "DEL", "CHECK"):
        code, error, _ = call(environment(verb, args=k8s("web")), network(file))
        assert (code, error["code"]) == (1, 5), verb
    code, error, _ = call(environment("STATUS"), network(file, "1.1.0"))
    assert (code, error["code"]) == (1, 50)


def test_status_succeeds_on_a_store_that_can_serve(db: Path) -> None:
    assert call(environment("STATUS"), network(db, "1.1.0"))[:2] == (0, None)


def test_an_unknown_configuration_key_is_reported_not_fatal(db: Path) -> None:
    code, _, err = call(environment("ADD", args=k8s("web")), network(db, colour="red"))
    assert code == 0
    assert "warn unknown key `ipam.colour` in network `net0` is ignored" in err


def test_log_lines_go_to_the_file_that_is_named(db: Path, tmp_path: Path) -> None:
    log = tmp_path / "cni.log"
    _, _, err = call(environment("ADD", args=k8s("web")), network(db, log_file=str(log)))
    assert err == ""
    assert log.read_text().endswith(" info ADD: 10.0.0.10/16 of routed to default/web (claimed)\n")


def test_nothing_is_allocated_for_the_plugins_own_network_namespace(db: Path) -> None:
    env = {**environment("ADD", args=k8s("web")), "CNI_NETNS": "/proc/self/ns/net"}
    code, error, _ = call(env, network(db))
    assert (code, error["code"]) == (1, 4)
    assert error["msg"] == "CNI_NETNS is the network namespace of the plugin itself"
