"""Running policy tests: each suite in a scratch store of its manifests, claiming nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ipam.explain import explain
from ipam.request import Request
from ipam.scratch import scratch_store
from ipam.simulate import plan_pods
from ipam.stated_facts import StatedFacts, StatedStore, pod_of
from model.decisions import Decision
from model.errors import ConfigurationError, ManifestError
from model.facts import PodFacts
from model.leases import Attachment
from policy.policy_tests.case import Case, Suite
from policy.policy_tests.coverage import Coverage
from policy.policy_tests.judge import Mismatch, judge, why
from policy.workloads import PlannedPod
from store.setting_values import checked_text
from store.settings import DEFAULTS

Texts = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one test: it passed without a mismatch. `reasons` say why it failed."""

    suite: Suite
    case: Case
    decision: Decision
    mismatches: Sequence[Mismatch]
    reasons: Sequence[str]

    @property
    def passed(self) -> bool:
        """Whether all came out as expected."""
        return not self.mismatches


def run_suite(suite: Suite, texts: Texts, coverage: Coverage, now_seconds: int) -> list[Result]:
    """The results of all cases over the manifests `texts`, in order; fills `coverage`.

    Every case is decided as if nothing was held. Raises `InvalidManifestsError` for the manifests,
    and `ManifestError` where the suite names a setting or a workload that makes no sense with them.
    """
    if not suite.cases:
        return []
    with scratch_store(texts, _settings(suite), now_seconds) as store:
        planned = plan_pods(store, now_seconds)
        pools = [record.serving.rules for record in store.pools.list()]
        coverage.expects(pools)
        results = []
        for case in suite.cases:
            pod = pod_of(case, origin_pod(case, planned))
            stated = StatedStore(store.database, StatedFacts(store.facts, case, pod))
            decision = explain(stated, _request(case, pod), now_seconds)
            coverage.saw(pools, decision)
            mismatches = judge(case.expected, decision)
            reasons = why(case.expected, decision) if mismatches else ()
            results.append(Result(suite, case, decision, mismatches, reasons))
    return results


def _settings(suite: Suite) -> dict[str, str]:
    for key, (value, span) in suite.settings.items():
        try:
            checked_text(key, value, DEFAULTS)
        except ConfigurationError as error:
            raise ManifestError(
                error.message, error.hint, span, "invalid-value", f"settings.{key}"
            ) from None
    return {key: value for key, (value, _) in suite.settings.items()}


def origin_pod(case: Case, planned: Sequence[PlannedPod]) -> PodFacts | None:
    """The Pod that the facts come from: of a workload that on the stated node, else the first.

    None for a case that states its Pod; `ManifestError` where there is no such Pod.
    """
    if case.origin is None:
        return None
    pods = [one.facts for one in planned if _is_of(case, one.facts)]
    on_node = [pod for pod in pods if pod.node_name == case.stated.node]
    if pods:
        return (on_node or pods)[0]
    known = ", ".join(f"`Pod/{p.facts.namespace}/{p.facts.name}`" for p in planned[:5])
    raise ManifestError(
        f"the manifests hold no `{case.origin}`, or it makes no Pod",
        f"they make {known}{' and more' if len(planned) > 5 else ''}"
        if planned
        else "they make no Pods at all; name some with `manifests:`, or state one with `pod:`",
        case.origin_span,
        "missing-field",
        "from",
    )


def _is_of(case: Case, pod: PodFacts) -> bool:
    origin = case.origin
    if origin is None or pod.namespace != origin.namespace:
        return False
    if origin.kind == "Pod":
        return pod.name == origin.name
    if origin.kind == "Deployment":
        replica_set = f"{origin.name}-{pod.labels.get('pod-template-hash', '')}"
        return (pod.owner_kind, pod.owner_name) == ("ReplicaSet", replica_set)
    return (pod.owner_kind, pod.owner_name) == (origin.kind, origin.name)


def _request(case: Case, pod: PodFacts) -> Request:
    attachment = Attachment(pod.node_name, "", "", case.nic)
    return Request(attachment, pod.namespace, pod.name, pod.uid, case.cni_defaults)
