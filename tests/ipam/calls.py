"""The embedded plugin as a runtime starts it: a process, an environment, standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipam.apply import apply
from store.create import create_store

REPOSITORY = Path(__file__).resolve().parents[2]
NOW = 1_700_000_000


def make_store(path: Path, manifests: str) -> Path:
    """A store with these manifests in it."""
    with create_store(path) as store:
        apply(store, [("test.yaml", manifests.encode())], NOW)
    return path


def pool(name: str, ips: str, subnet: str = "10.0.0.0/16", **spec: object) -> str:
    """The manifest of a pool, as one YAML document (JSON is YAML)."""
    document = {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderIPPool",
        "metadata": {"name": name},
        "spec": {"subnet": subnet, "ips": [ips] if ips else [], **spec},
    }
    return "---\n" + json.dumps(document) + "\n"


def pod(
    name: str, pools: list[str] | None = None, namespace: str = "default", **labels: str
) -> str:
    """The manifest of a Pod, naming pools of either family where given."""
    annotations = {"ipam.spidernet.io/ippool": json.dumps({"ipv4": pools})} if pools else {}
    metadata = {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}
    return "---\n" + json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}) + "\n"


def namespace(name: str) -> str:
    """The manifest of a Namespace."""
    return (
        "---\n"
        + json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        + "\n"
    )


def network(db: Path, version: str = "1.0.0", **ipam: object) -> dict[str, Any]:
    """A network configuration."""
    return {
        "cniVersion": version,
        "name": "net0",
        "type": "bridge",
        "ipam": {"type": "poolweaver", "db": str(db), "node_name": "node1", **ipam},
    }


def environment(
    verb: str, container: str = "c1", ifname: str = "eth0", args: str = ""
) -> dict[str, str]:
    """The variables of a call."""
    return {
        "CNI_COMMAND": verb,
        "CNI_CONTAINERID": container,
        "CNI_NETNS": "/var/run/netns/none",
        "CNI_IFNAME": ifname,
        "CNI_PATH": "/opt/cni/bin",
        "CNI_ARGS": args,
    }


def k8s(name: str, namespace: str = "default", uid: str = "") -> str:
    """CNI_ARGS as a kubelet's runtime sends them."""
    text = f"IgnoreUnknown=1;K8S_POD_NAMESPACE={namespace};K8S_POD_NAME={name}"
    return f"{text};K8S_POD_UID={uid}" if uid else text


def start(
    env: Mapping[str, str], code: str = "import sys; from ipam.plugin import main; sys.exit(main())"
) -> subprocess.Popen[str]:
    """The plugin, started as the installed script starts it (`-I -S`)."""
    return subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {code}",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], **env},
    )


def call(env: Mapping[str, str], stdin: object) -> tuple[int, Any, str]:
    """(exit code, the JSON document or None, standard error) of one call."""
    return finish(start(env), stdin if isinstance(stdin, str) else json.dumps(stdin))


def finish(process: subprocess.Popen[str], stdin: str) -> tuple[int, Any, str]:
    """What became of a call that was started, once it is given its configuration."""
    out, err = process.communicate(stdin, timeout=600)
    return process.returncode, json.loads(out) if out.strip() else None, err
