"""Manifests to lint: pools as clusters have them, and the cluster that goes with them."""

from __future__ import annotations

NODES = 40
_POOL = """\
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: pool-{n}
spec:
  subnet: 10.{high}.{low}.0/24
  ips: [10.{high}.{low}.10-10.{high}.{low}.60]
  default: true
  {fields}
"""
_TIERED = """podAffinity:
    matchLabels: {{app: app-{n}}}
    matchExpressions:
    - {{key: tier, operator: NotIn, values: [cache]}}"""
_FIELDS = (
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}",
    _TIERED,
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\n  nodeName: [node-{node}]",
    "podAffinity: {{matchLabels: {{app: app-{n}}}}}\n  namespaceName: [space-{space}]",
)
_POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: app-{n}-abc-1
  namespace: space-{space}
  labels: {{app: app-{n}, pod-template-hash: abc}}
  ownerReferences:
  - {{apiVersion: apps/v1, kind: ReplicaSet, name: app-{n}-abc, uid: u-{n}, controller: true}}
spec: {{nodeName: node-{node}}}
status: {{phase: Running}}
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: app-{n}, namespace: space-{space}}}
spec:
  replicas: 10
  selector: {{matchLabels: {{app: app-{n}}}}}
  template:
    metadata: {{labels: {{app: app-{n}}}}}
    spec: {{nodeName: node-{node}}}
"""


def make_manifests(number: int) -> bytes:
    """So many pools, each for one application, some on a Node or for a Namespace."""
    texts = (
        _POOL.format(
            n=n, high=n // 250, low=n % 250, fields=_FIELDS[n % len(_FIELDS)].format(**_places(n))
        )
        for n in range(number)
    )
    return "---\n".join(texts).encode()


def make_cluster(number: int) -> bytes:
    """As kubectl prints it: Nodes, Namespaces, a Pod for each application, and some Deployments."""
    texts = [f"apiVersion: v1\nkind: Node\nmetadata: {{name: node-{n}}}\n" for n in range(NODES)]
    texts += [
        f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: space-{n}}}\n" for n in range(NODES)
    ]
    for n in range(number):
        texts.append(_POD.format(**_places(n)))
        if n % 10 == 0:
            texts.append(_DEPLOYMENT.format(**_places(n)))
    items = (f"- {text[:-1]}".replace("\n", "\n  ") for text in texts)
    return ("apiVersion: v1\nkind: List\nitems:\n" + "\n".join(items)).encode()


def _places(n: int) -> dict[str, int]:
    return {"n": n, "node": n % NODES, "space": n // 4 % NODES}
