"""Pools to rules: the text, the rows, their places, and the manifest that is kept."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from grammar.parse import parse
from grammar.printer import print_rules
from model.pools import PoolRecord
from model.rules import RANK_FIELDS
from policy.compile import compile_pool, lower
from policy.evaluate import check_holds
from policy.settings import AuthoringSettings
from tests.policy_authoring.loading import POOL, errors_of, loaded

# The example of the design, as a manifest.
DESIGN = """\
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: test-pod-ippool
  annotations:
    poolweaver.io/require: |
      require absent pod.label["canary"];
      require pod.name matches "web-*";
    poolweaver.io/lint-ignore-shadowed-affinity: kept for later
spec:
  subnet: 10.6.0.0/16
  ips:
    - 10.6.168.151-10.6.168.160
  podAffinity:
    matchLabels:
      app: test-app-3
    matchExpressions:
      - {key: tier, operator: NotIn, values: [cache]}
  nodeName: [worker1, master]
  nodeAffinity:
    matchLabels: {zone: a}
  namespaceAffinity:
    matchExpressions: [{key: team, operator: Exists}]
  multusName: [macvlan-vlan0, other/macvlan]
"""
DESIGN_RULES = """\
rules 1
pool "test-pod-ippool" {
  require ip.family = 4;
  require pod.label["app"] in {"test-app-3"} from podAffinity;
  require pod.label["tier"] not in {"cache"} from podAffinity;
  require node.name in {"master", "worker1"} from nodeName;
  shadowed node.label["zone"] in {"a"} from nodeAffinity;  # nodeName is present, so this does not filter
  require exists namespace.label["team"] from namespaceAffinity;
  require nic.network in {"kube-system/macvlan-vlan0", "other/macvlan"} from multusName;
  require absent pod.label["canary"] from annotation;
  require pod.name matches "web-*" from annotation;
  rank podAffinity nodeName nodeAffinity namespaceAffinity multusName priority 0;
}
"""


def record(text: str, settings: AuthoringSettings | None = None) -> PoolRecord:
    return loaded(text, settings).pools[0]


def pool(spec: str) -> PoolRecord:
    return record(POOL + "".join(f"  {line}\n" for line in spec.splitlines()))


def test_the_example_of_the_design_compiles_to_its_text() -> None:
    assert record(DESIGN).rule_text == DESIGN_RULES


def test_the_rows_are_those_of_the_parsed_text_with_the_places_of_the_manifest() -> None:
    found = record(DESIGN).serving.rules
    parsed = lower(parse(DESIGN_RULES).pools[0])
    assert (found.checks, found.ranked, found.priority, found.family, found.name) == (
        parsed.checks,
        parsed.ranked,
        parsed.priority,
        parsed.family,
        parsed.name,
    )
    assert found.digest == hashlib.sha256(DESIGN_RULES.encode()).hexdigest()
    assert [
        (check[1], str(span)) for check, span in zip(found.checks, found.spans, strict=True)
    ] == [
        ("ip.family", "f.yaml:11:11"),
        ("pod.label", "f.yaml:16:7"),
        ("pod.label", "f.yaml:18:9"),
        ("node.name", "f.yaml:19:13"),
        ("namespace.label", "f.yaml:23:24"),
        ("nic.network", "f.yaml:24:15"),
        ("pod.label", "f.yaml:7:7"),
        ("pod.name", "f.yaml:8:7"),
    ]


def test_a_network_without_namespace_is_in_the_namespace_of_the_installation() -> None:
    settings = AuthoringSettings(install_namespace="spiderpool")
    text = POOL + "  multusName: [lan]\n"
    assert record(text, settings).serving.rules.checks[1][4] == ("spiderpool/lan",)


def test_an_empty_selector_does_not_filter_and_still_ranks() -> None:
    rules = pool("nodeAffinity: {}\nnamespaceAffinity: {matchLabels: {}}").serving.rules
    assert rules.checks == (("", "ip.family", "", "=", ("4",)),)
    assert rules.ranked == ("nodeAffinity", "namespaceAffinity")


def test_null_fields_and_empty_lists_are_absent() -> None:
    found = pool("nodeName: []\nnodeAffinity: null\nmultusName: null\nroutes: []\ngateway: null")
    assert found.serving.rules.ranked == ()
    assert found == pool("default: null\ndisable: null").replace(serving=found.serving)


def test_every_affinity_field_ranks_in_the_order_of_the_language() -> None:
    selector = "{matchLabels: {a: b}}"
    rules = pool(
        f"multusName: [m]\nnamespaceAffinity: {selector}\nnamespaceName: [s]\n"
        f"nodeAffinity: {selector}\nnodeName: [w]\npodAffinity: {selector}"
    ).serving.rules
    assert rules.ranked == RANK_FIELDS
    assert [check[0] for check in rules.checks] == [
        "",
        "podAffinity",
        "nodeName",
        "namespaceName",
        "multusName",
    ]


def test_the_numbers_and_flags_of_a_pool() -> None:
    found = pool(
        "ips: [10.0.0.10-10.0.0.20, 10.0.0.5]\nexcludeIPs: [10.0.0.12-10.0.0.13]\n"
        "gateway: 10.0.0.1\nroutes: [{dst: 10.9.3.0/16, gw: 10.0.0.2}]\ndefault: true\ndisable: true"
    )
    base = 10 << 24
    assert found.ranges == ((base + 5, base + 5), (base + 10, base + 11), (base + 14, base + 20))
    assert found.serving.subnet_first == base
    assert (found.serving.prefix_bits, found.serving.gateway) == (24, "10.0.0.1")
    assert found.serving.routes == (("10.9.0.0/16", "10.0.0.2"),)
    assert found.serving.rules.default
    assert found.serving.rules.disabled
    assert not found.serving.rules.terminating
    assert found.quarantine_seconds is None


def test_annotations_set_priority_and_quarantine() -> None:
    found = record(
        POOL.replace(
            "{name: p}",
            "{name: p, annotations: {poolweaver.io/priority: '-7', "
            "poolweaver.io/quarantine-seconds: '0', team: red}}",
        )
    )
    assert found.serving.rules.priority == -7
    assert found.quarantine_seconds == 0
    assert found.rule_text.endswith("  rank priority -7;\n}\n")


def test_the_kept_manifest_has_defaults_merged_ranges_and_nothing_of_the_server() -> None:
    text = POOL.replace(
        "{name: p}",
        "{name: p, uid: u, resourceVersion: '7', generation: 2, managedFields: [{a: b}], "
        "creationTimestamp: 2020-01-01T00:00:00Z, finalizers: [f], labels: {a: b}}",
    )
    text += "  ips: [10.0.0.3, 10.0.0.1-10.0.0.2]\n  podAffinity: {matchLabels: {a: b}}\n"
    text += "  gateway: null\nstatus: {totalIPCount: 3, allocatedIPCount: 0}\n"
    assert record(text).manifest == {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderIPPool",
        "metadata": {"name": "p", "labels": {"a": "b"}},
        "spec": {
            "ipVersion": 4,
            "subnet": "10.0.0.0/24",
            "default": False,
            "disable": False,
            "ips": ["10.0.0.1-10.0.0.3"],
            "podAffinity": {"matchLabels": {"a": "b"}},
        },
    }


def test_a_kept_manifest_loads_again_to_the_same_pool() -> None:
    found = record(DESIGN)
    again = record(yaml.safe_dump(dict(found.manifest)))
    assert again.manifest == found.manifest
    assert again.rule_text == found.rule_text


def test_an_ipv6_pool() -> None:
    found = record(POOL.replace("10.0.0.0/24", "fd00::/64") + "  ips: ['fd00::1-fd00::ffff']\n")
    assert found.serving.rules.family == 6
    assert found.ranges == ((0xFD << 120 | 1, 0xFD << 120 | 0xFFFF),)


def test_a_family_that_is_switched_off_is_refused() -> None:
    errors = errors_of(POOL, AuthoringSettings(enable_ipv4=False))
    assert [(e.code, e.field, e.message, e.hint, str(e.span)) for e in errors] == [
        (
            "family-disabled",
            "spec.subnet",
            "IPv4 is disabled",
            "switch it on with `poolweaver config set enable_ipv4 on`",
            "f.yaml:5:11",
        )
    ]
    assert errors_of(POOL, AuthoringSettings(enable_ipv6=False)) == ()


AUTO = """\
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: auto, labels: {ipam.spidernet.io/owner-application-name: web}}
spec:
  subnet: 10.0.0.0/24
  podAffinity:
    matchLabels:
"""
KEYS = {"api-group": "apps", "api-version": "v1", "namespace": "shop", "name": "web"}


def auto(kind: str, **keys: str) -> list[tuple[str, str, tuple[str, ...]]]:
    labels = {**KEYS, "kind": kind, **keys}
    lines = "".join(
        f"      ipam.spidernet.io/app-{key}: '{value}'\n" for key, value in labels.items()
    )
    return [(c[1], c[3], c[4]) for c in record(AUTO + lines).serving.rules.checks[1:]]


def test_an_auto_created_pool_asks_for_the_controller_of_its_application() -> None:
    assert auto("StatefulSet") == [
        ("pod.owner.kind", "=", ("StatefulSet",)),
        ("pod.owner.name", "=", ("web",)),
        ("namespace.name", "=", ("shop",)),
    ]
    assert auto("Deployment")[:2] == [
        ("pod.owner.kind", "=", ("ReplicaSet",)),
        ("pod.owner.name", "matches", ("web-*",)),
    ]


def test_an_auto_created_pool_of_a_pod_without_owner_asks_for_that_pod() -> None:
    assert auto("Pod", name="web-1") == [
        ("pod.owner.kind", "absent", ()),
        ("pod.name", "=", ("web-1",)),
        ("namespace.name", "=", ("shop",)),
    ]


def test_an_application_name_is_never_read_as_a_pattern() -> None:
    assert auto("CronJob", name="*[a")[1] == ("pod.owner.name", "matches", (r"\*\[a-*",))


def test_an_auto_created_pool_with_a_key_missing_serves_nobody() -> None:
    text = AUTO + "      ipam.spidernet.io/app-name: web\n"
    checks = record(text).serving.rules.checks
    assert ("podAffinity", "pod.owner.name", "", "=", ("",)) in checks
    assert not check_holds(checks[1], None)


def test_the_require_annotation_may_have_comments_and_loose_spelling() -> None:
    text = """# why
      require   pod.name in {"b","a" , "a"} ; # both
      # the end"""
    found = record(
        POOL.replace(
            "{name: p}",
            f"\n  name: p\n  annotations:\n    poolweaver.io/require: |\n      {text}",
        )
    )
    assert 'require pod.name in {"a", "b"} from annotation;' in found.rule_text
    assert found.serving.rules.checks[1] == ("annotation", "pod.name", "", "in", ("a", "b"))


NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
LABELS = st.from_regex(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,6}[A-Za-z0-9])?", fullmatch=True)
VALUED = st.fixed_dictionaries(
    {
        "key": LABELS,
        "operator": st.sampled_from(["In", "NotIn"]),
        "values": st.lists(LABELS | st.just(""), min_size=1, max_size=3),
    }
)
UNVALUED = st.fixed_dictionaries(
    {"key": LABELS, "operator": st.sampled_from(["Exists", "DoesNotExist"])}
)
SELECTORS = st.fixed_dictionaries(
    {"matchLabels": st.dictionaries(LABELS, LABELS, min_size=1, max_size=3)},
    optional={"matchExpressions": st.lists(VALUED | UNVALUED, max_size=3)},
)
SPECS = st.fixed_dictionaries(
    {"subnet": st.sampled_from(["10.0.0.0/24", "fd00::/64"])},
    optional={
        "podAffinity": SELECTORS,
        "nodeAffinity": SELECTORS,
        "namespaceAffinity": SELECTORS,
        "nodeName": st.lists(NAMES, unique=True, max_size=3),
        "namespaceName": st.lists(NAMES, unique=True, max_size=3),
        "multusName": st.lists(NAMES, unique=True, max_size=3),
    },
)


@given(SPECS)
def test_what_is_printed_is_what_is_served(spec: dict[str, Any]) -> None:
    found = loaded(
        json.dumps(
            {
                "apiVersion": "spiderpool.spidernet.io/v2beta1",
                "kind": "SpiderIPPool",
                "metadata": {"name": "p"},
                "spec": spec,
            }
        )
    )
    block = compile_pool(found.specs["p"], "kube-system")
    rules = found.pools[0].serving.rules
    parsed = parse(found.pools[0].rule_text)
    assert parsed.pools == (block,)
    assert print_rules(parsed) == found.pools[0].rule_text
    assert rules.checks == lower(block).checks
    assert set(rules.ranked) == {f for f in RANK_FIELDS if spec.get(f)}
    assert len(rules.spans) == len(rules.checks)
