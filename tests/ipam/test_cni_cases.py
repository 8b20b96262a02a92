"""The recorded cases of CNI IPAM plugins, run against both forms of the plugin."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ipam.apply import apply
from model.errors import InvalidManifestsError
from store.create import create_store
from tests.ipam import cni_cases
from tests.ipam.agent.threads import agent_thread
from tests.ipam.calls import NOW, call
from tests.ipam.cni_cases import (
    AT_APPLY,
    CASES,
    EXCLUDED,
    Answer,
    Caller,
    Pools,
    configuration,
    variables,
    wrong,
)
from tests.shim.build import call as call_client
from tests.shim.build import installed

Form = Callable[[Path], AbstractContextManager[tuple[Caller, dict[str, str]]]]
RUN = [case for case in cni_cases.cases() if case["id"] not in AT_APPLY]


def make_pools(db: Path, pools: Pools) -> None:
    text = "\n---\n".join(json.dumps(manifest) for manifest in pools.manifests)
    with create_store(db) as store:
        apply(store, [("pools.yaml", text.encode())], NOW)


@contextmanager
def embedded(db: Path) -> Iterator[tuple[Caller, dict[str, str]]]:
    yield call, {"type": "poolweaver", "db": str(db), "node_name": "node1"}


@contextmanager
def through_agent(db: Path) -> Iterator[tuple[Caller, dict[str, str]]]:
    """The static client, and an agent in a thread."""
    client, path = installed(), db.parent / "agent.sock"

    def ask(env: Mapping[str, str], stdin: str) -> Answer:
        code, out, err = call_client(client, env, stdin.encode())
        return code, json.loads(out) if out else None, err.decode()

    with agent_thread(db, path):
        yield ask, {"type": "poolweaver", "socket": str(path), "node_name": "node1"}


@pytest.mark.parametrize("form", [embedded, through_agent], ids=["embedded", "agent"])
@pytest.mark.parametrize("case", RUN, ids=lambda case: case["id"])
def test_a_recorded_case_is_answered_as_it_should_be(
    case: dict[str, Any], form: Form, tmp_path: Path
) -> None:
    pools = Pools(case["id"])
    pools.add_all(case)
    make_pools(tmp_path / "ipam.db", pools)
    with form(tmp_path / "ipam.db") as (caller, ipam):
        run_steps(case, pools, caller, ipam)


def run_steps(case: dict[str, Any], pools: Pools, caller: Caller, ipam: dict[str, str]) -> None:
    before: list[Any] = []
    for step in case["steps"]:
        stdin = configuration(step, pools, ipam)
        if "parallel" in step["expect"]:
            assert_all_unique(step, stdin, caller)
            continue
        answer = caller(variables(step), stdin)
        expect = {**step["expect"], **cni_cases.INSTEAD.get(case["id"], {})}
        assert wrong(expect, answer, before) == []
        before.append(answer[1] or {})


def assert_all_unique(step: dict[str, Any], stdin: str, caller: Caller) -> None:
    count = step["expect"]["parallel"]

    def one(number: int) -> str:
        code, document, err = caller({**variables(step), "CNI_CONTAINERID": f"c{number}"}, stdin)
        assert code == 0, err
        return str(document["ips"][0]["address"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(count)))) == count


@pytest.mark.parametrize("name", AT_APPLY)
def test_a_refusal_that_belongs_to_apply_is_given_there(name: str, tmp_path: Path) -> None:
    case = next(case for case in cni_cases.cases() if case["id"] == name)
    pools = Pools(name)
    pools.add_all(case)
    with pytest.raises(InvalidManifestsError) as caught:
        make_pools(tmp_path / "ipam.db", pools)
    assert AT_APPLY[name] in [error.code for error in caught.value.errors]
    text = " ".join(f"{error.code} {error.message} {error.hint}" for error in caught.value.errors)
    expected = case["steps"][-1]["expect"].get("msg_re", "")
    assert re.search(expected, text)


def test_every_case_is_run_asked_of_apply_or_excluded_with_a_reason() -> None:
    known = {case["id"]: case.get("policy") or "" for case in CASES["cases"]}
    run = {case["id"] for case in cni_cases.cases()}
    other = {
        name for name, policy in known.items() if any(o in policy for o in cni_cases.OTHER_POLICY)
    }
    assert set(EXCLUDED) | set(AT_APPLY) <= set(known)
    assert run | set(EXCLUDED) | other == set(known)
    assert len(RUN) + len(AT_APPLY) == len(run)
