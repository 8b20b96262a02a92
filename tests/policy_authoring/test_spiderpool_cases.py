"""What Spiderpool's own code answered, and where ours answers otherwise on purpose."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from model.errors import ManifestError
from model.intervals import size
from policy.load import Loaded
from tests.policy_authoring.loading import errors_of, loaded

CASES = Path(__file__).parent.parent / "cases" / "spiderpool.yaml"
ALL: dict[str, Any] = {
    case["id"]: case
    for case in yaml.load(CASES.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["cases"]
    if case["kind"] in ("range-parse", "validate-pool")
}
SUBNETS = {4: "0.0.0.0/0", 6: "::/0"}

# Answered by another layer, which has its own table.
ELSEWHERE = {
    **dict.fromkeys(["RP-006", "RP-008"], "nothing expands a range into a list"),
    **dict.fromkeys(["RP-069", "RP-070", "RP-071"], "overlap between pools is the store's"),
    **dict.fromkeys(["RP-075"], "a range and a gateway: see VP-040 and the quirks below"),
    **dict.fromkeys(["RP-076", "RP-078", "RP-079", "RP-082"], "picking addresses is the store's"),
    "RP-003": "a family other than 4 and 6 is refused: the mistake `ipVersion 5`",
    "VP-002": "there are no finalizers: a terminating pool is a state of the store",
    **dict.fromkeys(["VP-020", "VP-022", "VP-030", "VP-032", "VP-033", "VP-034"], "other pools"),
    **dict.fromkeys(["VP-053", "VP-054"], "SpiderSubnet is not read"),
    **dict.fromkeys(["VP-068", "VP-072", "VP-077"], "what is stored already is the store's"),
    **dict.fromkeys(["VP-080", "VP-084", "VP-085", "VP-086"], "deletion is the store's"),
    **dict.fromkeys(["VP-092", "VP-093"], "what is stored already is the store's"),
}

# Ours answers otherwise: the row of design section 11 that says so, and our error or none.
QUIRKS: dict[str, tuple[str, str | None]] = {
    "RP-038": ("one parser; entries of one list are merged, as on apply upstream", None),
    "RP-042": ("one parser; entries of one list are merged, as on apply upstream", None),
    "RP-058": ("two range parsers; reversed ranges refused", "reversed-range"),
    "RP-054": ("huge IPv6 pools: interval arithmetic, exact beyond 63 bits", None),
    "VP-006": ("every error is reported at apply", "invalid-subnet"),
    "VP-010": ("every error is reported at apply", "invalid-range"),
    "VP-013": ("ipVersion is inferred always; there is no way around it", None),
    "VP-062": ("only podAffinity is validated: all selectors are", "invalid-selector"),
    "VP-064": ("only podAffinity is validated: all name lists are", "invalid-name"),
}

# Upstream names another field than the one that is wrong.
BETTER_FIELD = {
    "VP-019": "spec.ipVersion",
    "VP-026": "spec.ips[0]",
    "VP-027": "spec.ips[1]",
    "VP-035": "spec.excludeIPs[0]",
    "VP-056": "spec.podAffinity.matchLabels.key",
    "VP-079": "spec.ips[0]",
    "VP-090": "spec.ips",
}


def manifest(spec: dict[str, Any], kind: str = "SpiderIPPool") -> str:
    skip = ("name", "skipDefault", "allocatedIPs", "labelled", "owner")
    written = {field: value for field, value in spec.items() if field not in skip}
    return json.dumps(
        {
            "apiVersion": "spiderpool.spidernet.io/v2beta1",
            "kind": kind,
            "metadata": {"name": "p"},
            "spec": written,
        }
    )


def pool_spec(case: dict[str, Any]) -> dict[str, Any]:
    """The pool that a case is about."""
    given = case["input"]
    op = given["op"]
    if op in ("merge", "assemble"):
        ranges = {"ips": given.get("ranges") or given.get("ips") or []}
        exclude = {"excludeIPs": given["excludeIPs"]} if "excludeIPs" in given else {}
        return {"subnet": SUBNETS[given["ipVersion"]], **ranges, **exclude}
    if op == "is-range":
        return {"subnet": SUBNETS[given["ipVersion"]], "ips": [given["text"]]}
    if op == "canonical-cidr":
        return {"subnet": given["cidr"]}
    if op == "total":
        return {field: given[field] for field in ("subnet", "ips", "excludeIPs")}
    found: dict[str, Any] = given["new"] if op == "update" else given.get("pool")
    return found


def outcome(case: dict[str, Any]) -> tuple[Loaded | None, tuple[ManifestError, ...]]:
    kind = case["input"].get("kind", "SpiderIPPool")
    spec = case["input"]["object"] if "object" in case["input"] else pool_spec(case)
    text = manifest(spec, kind)
    errors = errors_of(text)
    return (None if errors else loaded(text)), errors


def stored_spec(found: Loaded) -> dict[str, Any]:
    record = found.pools[0] if found.pools else found.objects[0]
    spec = record.manifest["spec"]
    assert isinstance(spec, dict)
    return spec


HERE = sorted(set(ALL) - set(ELSEWHERE) - set(QUIRKS))


@pytest.mark.parametrize("name", HERE)
def test_ours_answers_as_spiderpool_did(name: str) -> None:
    case = ALL[name]
    wanted = case["expected"]
    found, errors = outcome(case)
    if wanted.get("error") or wanted.get("valid") is False or wanted.get("outcome") == "reject":
        assert errors
        fields = wanted.get("fields") or [wanted.get("field")]
        if name in BETTER_FIELD:
            fields = [BETTER_FIELD[name]]
        if name == "VP-061":  # the range itself is named, not the subnet
            fields = ["spec.ips[0]", "spec.podAffinity"]
        assert [error.field for error in errors] == fields or fields == [None]
        return
    assert errors == ()
    assert found is not None
    check_values(wanted, found)


def check_values(wanted: dict[str, Any], found: Loaded) -> None:
    spec = stored_spec(found)
    if "total" in wanted:
        assert size(found.pools[0].ranges) == wanted["total"]
    if "ipVersion" in wanted:
        assert spec["ipVersion"] == wanted["ipVersion"]
    if "ranges" in wanted:
        assert spec["ips"] == wanted["ranges"]
    if "ips" in wanted and found.pools and found.pools[0].manifest["spec"].get("excludeIPs"):  # type: ignore[attr-defined]
        assert size(found.pools[0].ranges) == len(wanted["ips"])
    elif "ips" in wanted:
        assert spec["ips"] == wanted["ips"]


@pytest.mark.parametrize("name", sorted(QUIRKS))
def test_a_quirk_is_answered_as_the_design_says(name: str) -> None:
    reason, code = QUIRKS[name]
    assert reason
    _, errors = outcome(ALL[name])
    assert {error.code for error in errors} == ({code} if code else set())


def test_a_huge_pool_is_counted_exactly() -> None:
    found, _ = outcome(ALL["RP-054"])
    assert found is not None
    assert size(found.pools[0].ranges) == 2**64 - 1 - 16


def test_no_case_is_left_out() -> None:
    assert set(ELSEWHERE) | set(QUIRKS) <= set(ALL)
    assert len(HERE) > 50
