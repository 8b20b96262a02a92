"""The recorded cases of CNI IPAM plugins: their ranges as pools, and what an answer must be.

A case's `ranges` become one pool each, named in the configuration's `default_ipv4_ippool` and
`default_ipv6_ippool`. As with the plugins that the cases come from, a range without bounds holds
every host address of its subnet, and its first address is the gateway unless another is named.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CASES = yaml.safe_load(
    (Path(__file__).resolve().parents[1] / "cases" / "cni.yaml").read_text(encoding="utf-8")
)
Answer = tuple[int, Any, str]
# environment, standard input -> exit code, document, standard error
Caller = Callable[[Mapping[str, str], str], Answer]

OTHER_POLICY = ("config=static", "config=whereabouts", "allocation=host-local-rr")
EXCLUDED = {
    "conf-002": "a pool without addresses is allowed, and a /32 may hold one: nothing is too small",
    "conf-014": "ranges are not in the configuration: without pools ADD answers 102, no candidate",
}
# The answer is another one on purpose.
INSTEAD = {
    "proto-052": {"code": 102},  # no ranges: here no pool is named for the container, which is ours
}
# Refusals that belong to `apply`: there the ranges are written down.
AT_APPLY = {
    "conf-005": "invalid-subnet",
    "conf-006": "invalid-subnet",
    "conf-008": "range-outside-subnet",
    "conf-009": "reversed-range",
    "conf-010": "address-overlap",
    "conf-011": "subnet-overlap",
    "conf-016": "address-overlap",
}
NO_REST = {"life-013": "the freed address is to be handed out again at once"}
NO_GATEWAY = {"life-004": "the first address is to be handed out, so it is no gateway"}


def cases() -> Iterator[dict[str, Any]]:
    """The cases that are run, those asked of `apply` among them."""
    for case in CASES["cases"]:
        policy = case.get("policy") or ""
        if case["id"] not in EXCLUDED and not any(one in policy for one in OTHER_POLICY):
            yield case


def ranges_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The ranges of a configuration, in order; also the old form of a single one."""
    ipam = document.get("ipam") or {}
    if "subnet" in ipam:
        return [ipam]
    return [one for group in ipam.get("ranges", []) for one in group]


class Pools:
    """The pools of one case; steps that give the same range at the same place mean one pool."""

    def __init__(self, case: str) -> None:
        self._case = case
        self._names: dict[str, str] = {}
        self.manifests: list[dict[str, Any]] = []

    def names_of(self, document: Mapping[str, Any]) -> dict[int, list[str]]:
        """By family, the names of the pools for a configuration, made on first sight."""
        names: dict[int, list[str]] = {4: [], 6: []}
        for place, given in enumerate(ranges_of(document)):
            keys = ("subnet", "rangeStart", "rangeEnd", "gateway")
            key = json.dumps([place, *(given.get(one) for one in keys)])
            if key not in self._names:
                self._names[key] = f"pool-{len(self._names)}"
                self.manifests.append(self._manifest(self._names[key], given))
            names[6 if ":" in given["subnet"] else 4].append(self._names[key])
        return names

    def add_all(self, case: Mapping[str, Any]) -> None:
        """Every range of a case."""
        for step in case["steps"]:
            self.names_of(step.get("stdin", {}))

    def _manifest(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        network = ipaddress.ip_network(given["subnet"], strict=False)
        first, last = network[1], network[-2] if network.version == 4 else network[-1]
        ips = f"{given.get('rangeStart', first)}-{given.get('rangeEnd', last)}"
        spec: dict[str, Any] = {"subnet": given["subnet"], "ips": [ips]}
        if self._case not in NO_GATEWAY:
            spec["gateway"] = given.get("gateway", str(first))
            if "rangeStart" not in given:
                spec["excludeIPs"] = [spec["gateway"]]
        rest = {"poolweaver.io/quarantine-seconds": "0"} if self._case in NO_REST else {}
        return {
            "apiVersion": "spiderpool.spidernet.io/v2beta1",
            "kind": "SpiderIPPool",
            "metadata": {"name": name, "annotations": rest},
            "spec": spec,
        }


def configuration(step: Mapping[str, Any], pools: Pools, ipam: Mapping[str, Any]) -> str:
    """The standard input of a step: its ranges as names of pools, and our own `ipam` keys."""
    if "stdin_raw" in step:
        return str(step["stdin_raw"])
    document = dict(step.get("stdin", {}))
    if "ipam" in document:
        names = pools.names_of(document)
        document["ipam"] = {
            **ipam,
            "default_ipv4_ippool": names[4],
            "default_ipv6_ippool": names[6],
        }
    return json.dumps(document)


def variables(step: Mapping[str, Any]) -> dict[str, str]:
    """The environment of a step."""
    env = {**CASES["defaults"]["env"], **step.get("env", {})}
    env = {key: str(value) for key, value in env.items() if key not in step.get("unset", [])}
    return {**env, "CNI_COMMAND": step["cmd"]} if step["cmd"] else env


def wrong(expect: Mapping[str, Any], answer: Answer, before: list[Any]) -> list[str]:
    """What of an answer is not as expected, one line each."""
    code, document, err = answer
    found = dict(_differences(expect, document or {}, before))
    found["exit"] = (code != 0) == (expect.get("exit", 0) != 0)
    found["stdout"] = not expect.get("stdout_empty") or document is None
    found["stderr"] = re.search(expect.get("stderr_re", ""), err) is not None
    return [f"{name}: {answer}" for name, good in found.items() if not good]


def _differences(
    expect: Mapping[str, Any], document: Mapping[str, Any], before: list[Any]
) -> Iterator[tuple[str, bool]]:
    ips = document.get("ips", [])
    if expect.get("exit"):
        yield from _error_differences(expect, document)
    yield "keys", all(key in document for key in expect.get("keys", []))
    yield "absent", not any(_present(key, document) for key in expect.get("absent", []))
    versions = document.get("supportedVersions", [])
    yield "supported", all(one in versions for one in expect.get("supported_includes", []))
    for key in ("version_reply_cniVersion", "cniVersion"):
        yield key, key not in expect or document.get("cniVersion") == expect[key]
    if "ips" in expect:
        yield "ips", [entry["address"] for entry in ips] == [e["address"] for e in expect["ips"]]
    yield "n_ips", expect.get("n_ips", len(ips)) == len(ips)
    for entry in ips if "ips_in" in expect else []:
        address = ipaddress.ip_interface(entry["address"]).ip
        yield "ips_in", any(address in ipaddress.ip_network(n) for n in expect["ips_in"])
    if "gateways" in expect:
        yield "gateways", [entry.get("gateway") for entry in ips] == expect["gateways"]
    if "routes" in expect:  # a next hop that is not written is the gateway of the address
        routes = [route["dst"] for route in document.get("routes", [])]
        yield "routes", routes == [route["dst"] for route in expect["routes"]]
    if "same_ips_as_step" in expect:
        yield "same ips", before[expect["same_ips_as_step"]]["ips"] == ips


def _error_differences(
    expect: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    code = document.get("code", -1)
    yield "code", expect.get("code", code) == code
    if "code_any" in expect or "code_min" in expect:
        least = expect.get("code_min", code + 1)
        yield "code", code in expect.get("code_any", []) or code >= least
    text = f"{document.get('msg', '')} {document.get('details', '')}"
    yield "message", re.search(expect.get("msg_re", ""), text) is not None
    yield (
        "details",
        re.search(expect.get("details_re", ""), document.get("details", "")) is not None,
    )


def _present(key: str, document: Mapping[str, Any]) -> bool:
    if key.startswith("ips[]."):
        return any(key.removeprefix("ips[].") in entry for entry in document.get("ips", []))
    return key in document
