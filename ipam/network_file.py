"""A network configuration for a runtime's folder, for who has none yet."""

from __future__ import annotations

import json

from ipam.cni_config import VERSIONS
from ipam.install import existing_folder, write_in_place
from model.errors import ConfigurationError

FILE_NAME = "10-poolweaver.conflist"
CONF_FOLDER = "the runtime's folder of network configurations"


def network_list(name: str, main: str, master: str, ipam: dict[str, str]) -> dict[str, object]:
    """A network `name` of one main plugin, whose addresses come from Poolweaver.

    `master` is the host's interface that `macvlan` and `ipvlan` need, or the bridge of `bridge`;
    empty: the plugin's own default.
    """
    interface = {"bridge": master} if main == "bridge" and master else {}
    if main in ("macvlan", "ipvlan") and master:
        interface = {"master": master}
    capabilities = {"ips": True, "io.kubernetes.cri.pod-annotations": True}
    plugin = {"type": main, **interface, "capabilities": capabilities, "ipam": ipam}
    return {"cniVersion": VERSIONS[-1], "name": name, "plugins": [plugin]}


def write_network(conf_dir: str, network: dict[str, object]) -> str:
    """Write the configuration into the folder; its path. One that says the same stays as it is.

    `ConfigurationError` if another configuration of that name is there: it may be somebody's work.
    """
    target = existing_folder(conf_dir, CONF_FOLDER) / FILE_NAME
    content = (json.dumps(network, indent=2) + "\n").encode()
    if target.exists():
        if target.read_bytes() == content:
            return str(target)
        raise ConfigurationError(
            f"`{target}` is there already and says something else",
            "remove it, or edit it by hand",
            code="invalid-argument",
        )
    write_in_place(target, content, 0o644)
    return str(target)
