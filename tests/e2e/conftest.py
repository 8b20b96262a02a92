"""The laboratory as a fixture, with either form of the plugin in place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lab import AgentLab, Lab
from tests.e2e.podman import Podman


@pytest.fixture(params=[Lab, AgentLab], ids=["embedded", "agent"])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    lab: Lab = request.param(tmp_path)
    lab.install()
    yield lab
    lab.close()


@pytest.fixture
def agent_lab(tmp_path: Path) -> Iterator[AgentLab]:
    lab = AgentLab(tmp_path)
    lab.install()
    yield lab
    lab.close()


@pytest.fixture
def podman(lab: Lab) -> Iterator[Podman]:
    podman = Podman(lab)
    yield podman
    podman.close()


@pytest.fixture
def agent_podman(agent_lab: AgentLab) -> Iterator[Podman]:
    podman = Podman(agent_lab)
    yield podman
    podman.close()
