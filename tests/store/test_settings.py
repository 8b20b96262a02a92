"""Settings: typed, with defaults, and the node that the store serves."""

from __future__ import annotations

from typing import Any

import pytest

from model.errors import ConfigurationError, NodeBindingError
from store.create import create_store
from store.store import Store

DEFAULTS = {
    "namespace": "kube-system",
    "cluster_network": "",
    "enable_ipv4": True,
    "enable_ipv6": True,
    "enable_statefulset": True,
    "quarantine_seconds": 60,
    "node_binding": True,
    "journal_days": 90,
    "journal_rows": 500_000,
}


def test_a_new_store_has_the_defaults(store: Store) -> None:
    assert store.settings.all() == DEFAULTS
    assert {key: store.settings.get(key) for key in DEFAULTS} == DEFAULTS


GOOD = [
    ("namespace", "spider", "spider"),
    ("cluster_network", "kube-system/macvlan-vlan0", "kube-system/macvlan-vlan0"),
    ("cluster_network", "", ""),
    ("enable_ipv6", "off", False),
    ("enable_ipv6", "FALSE", False),
    ("enable_ipv6", True, True),
    ("quarantine_seconds", "0", 0),
    ("quarantine_seconds", 90, 90),
    ("node_binding", "off", False),
    ("journal_days", "0", 0),
    ("journal_days", "1", 1),
    ("journal_days", 36525, 36525),
    ("journal_rows", "0", 0),
    ("journal_rows", "1000", 1000),
    ("journal_rows", 10**9, 10**9),
]


@pytest.mark.parametrize(("key", "value", "expected"), GOOD)
def test_a_value_is_read_as_its_type_by_every_process(
    path: str, key: str, value: str | bool | int, expected: Any
) -> None:
    with create_store(path) as store:
        store.settings.set(key, value)
    with create_store(path) as store:
        assert store.settings.get(key) == expected
        assert store.settings.all() == DEFAULTS | {key: expected}


BAD = [
    ("namespace", "Kube", "write the name of a namespace, such as `kube-system`"),
    ("namespace", "", "write the name of a namespace, such as `kube-system`"),
    (
        "cluster_network",
        "a/b/c",
        "write `namespace/name` of a network, such as `kube-system/macvlan`",
    ),
    (
        "cluster_network",
        "a/",
        "write `namespace/name` of a network, such as `kube-system/macvlan`",
    ),
    ("enable_ipv4", "maybe", "write `on` or `off`"),
    ("quarantine_seconds", "-1", "write a whole number of seconds from 0 to 31622400"),
    ("quarantine_seconds", "1e3", "write a whole number of seconds from 0 to 31622400"),
    ("quarantine_seconds", "31622401", "write a whole number of seconds from 0 to 31622400"),
    (
        "journal_days",
        "90d",
        "write a whole number of days from 1 to 36525, or 0 for no bound by age",
    ),
    (
        "journal_days",
        "36526",
        "write a whole number of days from 1 to 36525, or 0 for no bound by age",
    ),
    (
        "journal_rows",
        "999",
        "write a whole number of rows from 1000 to 1000000000, or 0 for no bound by number",
    ),
    (
        "journal_rows",
        "-1",
        "write a whole number of rows from 1000 to 1000000000, or 0 for no bound by number",
    ),
]


@pytest.mark.parametrize(("key", "value", "hint"), BAD)
def test_a_value_that_makes_no_sense_is_refused(
    store: Store, key: str, value: str | bool | int, hint: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        store.settings.set(key, value)
    error = caught.value
    assert (error.code, error.message, error.hint, error.span) == (
        "invalid-setting",
        f"`{value}` is no value for the setting `{key}`",
        hint,
        None,
    )
    assert store.settings.all() == DEFAULTS


@pytest.mark.parametrize("call", ["get", "set"])
def test_an_unknown_setting_is_refused_with_its_nearest_name(store: Store, call: str) -> None:
    arguments = ("enable_ipv5",) if call == "get" else ("enable_ipv5", "on")
    with pytest.raises(ConfigurationError) as caught:
        getattr(store.settings, call)(*arguments)
    error = caught.value
    assert (error.code, error.message, error.hint, error.span) == (
        "invalid-setting",
        "there is no setting `enable_ipv5`",
        "did you mean `enable_ipv4`, `enable_ipv6`?",
        None,
    )


def test_a_store_is_bound_to_the_first_node_that_asks(store: Store) -> None:
    assert store.settings.bind_node("node1") == "node1"
    assert store.settings.bind_node("node2") == "node1"
    store.settings.require_node("node1")
    with pytest.raises(NodeBindingError) as caught:
        store.settings.require_node("node2")
    error = caught.value
    assert (error.code, error.message, error.hint, error.span) == (
        "node-binding",
        f"the store `{store.database.path}` serves node `node1`, not `node2`",
        "give each node a store of its own; where one store is to serve several (in a "
        "laboratory), run `poolweaver config set node_binding off`",
        None,
    )


def test_without_node_binding_every_node_is_served_and_none_is_bound(store: Store) -> None:
    store.settings.set("node_binding", "off")
    store.settings.require_node("node1")
    store.settings.require_node("node2")
    store.settings.set("node_binding", "on")
    assert store.settings.bind_node("node3") == "node3"
