"""Real containers: podman with the CNI backend, runc, and our plugin as its IPAM."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.e2e.lab import Lab, needs
from tests.e2e.podman import Podman

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.xdist_group("podman"),
    needs("podman", "runc", "busybox"),
]

MANIFESTS = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: web-pool}
spec:
  subnet: 10.61.0.0/16
  ips: [10.61.0.10-10.61.0.19]
  gateway: 10.61.0.1
  podAffinity: {matchLabels: {app: web}}
---
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: db-pool}
spec:
  subnet: 10.62.0.0/16
  ips: [10.62.0.10-10.62.0.19]
  podAffinity: {matchLabels: {app: db}}
"""


def pod(name: str, app: str) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": name,
                "labels": {"app": app},
                "annotations": {"ipam.spidernet.io/ippool": '{"ipv4": ["web-pool", "db-pool"]}'},
            },
        }
    )


def test_containers_get_addresses_of_the_pools_that_match_them(lab: Lab, podman: Podman) -> None:
    lab.done("apply", "-f", "-", stdin=MANIFESTS)
    web, db, other = (f"{kind}-{uuid.uuid4().hex[:6]}" for kind in ("web", "db", "other"))
    for name, app in ((web, "web"), (db, "db"), (other, "none")):
        lab.done("apply", "-f", "-", stdin=pod(name, app))

    for name, address in ((web, "10.61.0.10/16"), (db, "10.62.0.10/16")):
        started = podman.start(name)
        assert started.returncode == 0, started.stderr
        assert f"inet {address}" in podman.inside(name, "ip", "-4", "addr", "show", "dev", "eth0")
    assert "default via 10.61.0.1" in podman.inside(web, "ip", "route")
    assert lab.counts() == {"db-pool": 1, "web-pool": 1}

    refused = podman.start(other)
    assert refused.returncode != 0
    assert (
        'web-pool: podAffinity wants pod.label["app"] in {"web"}, but it is "none"'
        in refused.stderr
    )
    assert (
        'db-pool: podAffinity wants pod.label["app"] in {"db"}, but it is "none"' in refused.stderr
    )

    assert podman("rm", "--force", "--time", "0", web).returncode == 0
    assert lab.counts() == {"db-pool": 1, "web-pool": 0}


def test_a_container_whose_pod_was_not_applied_says_what_is_missing(
    lab: Lab, podman: Podman
) -> None:
    lab.done("apply", "-f", "-", stdin=MANIFESTS)
    name = f"ghost-{uuid.uuid4().hex[:6]}"
    refused = podman.start(name)
    assert refused.returncode != 0
    assert f"pod default/{name} is not known" in refused.stderr
    assert "poolweaver apply -f pod.yaml" in refused.stderr
    assert lab.counts() == {"db-pool": 0, "web-pool": 0}
