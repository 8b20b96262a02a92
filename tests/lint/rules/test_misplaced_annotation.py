from __future__ import annotations

import pytest

from tests.lint.linting import found, pool, the, underlined

RULE = "misplaced-annotation"
NOTE = 'ipam.spidernet.io/ippool: \'{"ipv4": ["web"]}\''
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, annotations: {%s}}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}, annotations: {%s}}}
"""
MINIMAL = DEPLOYMENT % (NOTE, "")
NEAR_MISS = DEPLOYMENT % ("", NOTE)


def test_it_says_where_the_annotation_is_read() -> None:
    finding = the(RULE, MINIMAL)
    assert (
        finding.message
        == "nobody reads `ipam.spidernet.io/ippool` on a Deployment: it is read on Pods"
    )
    assert finding.hint == "move it to `spec.template.metadata.annotations`"
    assert underlined(MINIMAL, finding) == "ipam.spidernet.io/ippool"
    assert finding.object == "Deployment/shop/web"


def test_a_copy_on_the_workload_does_no_harm() -> None:
    assert found(DEPLOYMENT % (NOTE, NOTE)) == []


@pytest.mark.parametrize(
    ("kind", "annotation", "where"),
    [
        ("Pod", "ipam.spidernet.io/default-ipv4-ippool: '[\"web\"]'", "it is read on Namespaces"),
        ("Namespace", NOTE, "it is read on Pods"),
        ("Namespace", "poolweaver.io/priority: '1'", "it is read on pools"),
        ("Node", "k8s.v1.cni.cncf.io/networks: a/b", "it is read on Pods"),
    ],
)
def test_each_annotation_has_its_kind(kind: str, annotation: str, where: str) -> None:
    text = f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: x\n  annotations:\n    {annotation}\n"
    assert the(RULE, text).message.endswith(where)


def test_an_annotation_of_pods_on_a_pool_is_found_and_one_of_pools_is_not() -> None:
    assert found(pool(annotations=NOTE)) == [RULE]
    assert found(pool(annotations='poolweaver.io/priority: "1"')) == []
