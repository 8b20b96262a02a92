"""podman on a storage and a network folder of its own, with the CNI backend and runc."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import uuid
from pathlib import Path

from tests.e2e.lab import Lab, run


class Podman:
    """podman on a storage and a network folder of its own."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.names: list[str] = []
        self.run_root = tempfile.mkdtemp(prefix="pw")  # podman wants at most 50 characters
        networks = lab.folder / "networks"
        networks.mkdir()
        (lab.folder / "containers.conf").write_text(
            f'[network]\nnetwork_backend = "cni"\nnetwork_config_dir = "{networks}"\n'
            f'cni_plugin_dirs = ["{lab.bin_dir}"]\n'
        )
        network = lab.network()
        plugin = {key: network[key] for key in ("type", "bridge", "ipam")}
        conflist = {"cniVersion": "0.4.0", "name": "lab", "plugins": [plugin]}
        (networks / "lab.conflist").write_text(json.dumps(conflist))
        self.image = f"localhost/pw-{uuid.uuid4().hex[:8]}"
        assert self("import", self._image_archive(), self.image).returncode == 0

    def _image_archive(self) -> Path:
        path = self.lab.folder / "image.tar"
        with tarfile.open(path, "w") as archive:
            archive.add("/bin/busybox", "bin/busybox")
        return path

    def __call__(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "CONTAINERS_CONF": str(self.lab.folder / "containers.conf")}
        return run(
            "podman",
            "--runtime",
            "runc",
            "--root",
            self.lab.folder / "storage",
            "--runroot",
            self.run_root,
            *arguments,
            env=environment,
        )

    def start(self, name: str) -> subprocess.CompletedProcess[str]:
        """A container that sleeps."""
        self.names.append(name)
        return self(
            "run",
            "--detach",
            "--name",
            name,
            "--ulimit",
            "nofile=1024:1024",
            "--ulimit",
            "nproc=1024:1024",
            "--network",
            "lab",
            self.image,
            "/bin/busybox",
            "sleep",
            "1000",
        )

    def inside(self, name: str, *command: str) -> str:
        return self("exec", name, "/bin/busybox", *command).stdout

    def close(self) -> None:
        for name in self.names:
            self("rm", "--force", "--time", "0", name)
        self("rmi", "--force", self.image)
        run("umount", self.lab.folder / "storage" / "overlay")
        shutil.rmtree(self.run_root, ignore_errors=True)
