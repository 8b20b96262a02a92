"""The dashboard asks for metrics that the agent exports, with labels that they have."""

from __future__ import annotations

import json
import re
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.process_collector import ProcessCollector

from ipam.agent.metrics import METRICS
from tests.docs.console import ROOT

DASHBOARD = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
PROMETHEUS_ADDS = {"instance", "job"}


def queries() -> list[str]:
    variables = [one["query"] for one in DASHBOARD["templating"]["list"] if one["type"] == "query"]
    return variables + [one["expr"] for panel in DASHBOARD["panels"] for one in panel["targets"]]


def exported() -> dict[str, set[str]]:
    """Names of samples, with their labels."""
    found: dict[str, set[str]] = {}
    for name, (kind, labels, _) in METRICS.items():
        suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        found.update({name + suffix: {*labels, "le"} for suffix in suffixes})
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    text = generate_latest(registry).decode()
    return found | {name: set() for name in re.findall(r"(?m)^(process_\w+) ", text)}


def test_every_metric_that_a_query_names_is_exported() -> None:
    known = exported()
    for query in queries():
        names = set(re.findall(r"\b(?:poolweaver|process)_\w+", query))
        assert names, query
        assert names <= set(known), query


def test_every_label_that_a_query_names_is_one_of_its_metric() -> None:
    known = exported()
    for query in queries():
        (name, *_) = re.findall(r"\b(?:poolweaver|process)_\w+", query)
        labels = set(re.findall(r'(\w+)=~?"|(\w+)!="', query))
        asked = {one or other for one, other in labels}
        for group in re.findall(r"by \(([^)]*)\)", query):
            asked |= {label.strip() for label in group.split(",")}
        assert asked <= known[name] | PROMETHEUS_ADDS, query


def test_all_that_the_agent_counts_is_shown_but_what_is_implied() -> None:
    shown = set(re.findall(r"\bpoolweaver_\w+", " ".join(queries())))
    shown = {name.removesuffix("_bucket") for name in shown}
    assert set(METRICS) - shown == {
        "poolweaver_pool_addresses",
        "poolweaver_pools",
        "poolweaver_store_up",
    }


def test_panels_do_not_overlap_and_have_names_of_their_own() -> None:
    panels: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels})
    places = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
