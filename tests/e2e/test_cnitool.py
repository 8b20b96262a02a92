"""The CNI project's own tool and plugins, at their newest version where Go is there."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.lab import PLUGINS, Lab, namespaces, needs, run

MODULES = (
    "github.com/containernetworking/plugins/plugins/main/bridge@latest",
    "github.com/containernetworking/plugins/plugins/main/ptp@latest",
    "github.com/containernetworking/cni/cnitool@latest",
)
POOL = """
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: lab}
spec: {subnet: 10.64.0.0/16, ips: [10.64.0.10-10.64.0.19], gateway: 10.64.0.1, default: true}
"""

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("go"), needs("go")]


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cnitool and the newest plugins, built."""
    folder = tmp_path_factory.mktemp("go")
    for module in MODULES:
        done = run("go", "install", module, env={**os.environ, "GOBIN": str(folder)}, seconds=900)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(params=["newest", "Debian's"])
def plugins(request: pytest.FixtureRequest, lab: Lab, tools: Path) -> str:
    """The version of the main plugins in the laboratory's folder."""
    for name in ("bridge", "ptp"):
        place = lab.bin_dir / name
        place.unlink()
        shutil.copy((tools if request.param == "newest" else PLUGINS) / name, place)
    return str(request.param)


@pytest.mark.parametrize("main", ["bridge", "ptp"])
def test_every_verb_works_behind_a_main_plugin(
    lab: Lab, tools: Path, plugins: str, main: str, tmp_path: Path
) -> None:
    lab.done("apply", "-f", "-", stdin=POOL)
    version = "1.1.0" if plugins == "newest" else "1.0.0"
    plugin = {"type": main, "ipam": {**lab.ipam(), "node_name": "node1"}}
    if main == "bridge":
        plugin["bridge"] = lab.bridge
    networks = tmp_path / "net.d"
    networks.mkdir()
    conflist = {"cniVersion": version, "name": "lab", "plugins": [plugin]}
    (networks / "lab.conflist").write_text(json.dumps(conflist))
    environment = {
        "PATH": os.environ["PATH"],
        "CNI_PATH": str(lab.bin_dir),
        "NETCONFPATH": str(networks),
        "CNI_IFNAME": "eth0",
    }

    def cnitool(verb: str, netns: str) -> str:
        done = run(tools / "cnitool", verb, "lab", f"/var/run/netns/{netns}", env=environment)
        assert done.returncode == 0, (verb, done.stdout, done.stderr)
        return done.stdout

    with namespaces(2) as (first, second):
        answer = json.loads(cnitool("add", first))
        assert answer["cniVersion"] == version
        assert [(ip["address"], ip["gateway"]) for ip in answer["ips"]] == [
            ("10.64.0.10/16", "10.64.0.1")
        ]
        assert answer["routes"] == [{"dst": "0.0.0.0/0", "gw": "10.64.0.1"}]
        assert lab.addresses(first, "eth0") == ["10.64.0.10/16"]
        cnitool("check", first)  # before the bridge gets another member, and with it another MAC
        cnitool("add", second)
        assert lab.addresses(second, "eth0") == ["10.64.0.11/16"]
        if version == "1.1.0":
            cnitool("status", first)
        assert lab.counts() == {"lab": 2}
        cnitool("del", first)
        assert lab.counts() == {"lab": 1}
        if version == "1.1.0":
            cnitool("gc", second)
        cnitool("del", second)
        assert lab.counts() == {"lab": 0}
