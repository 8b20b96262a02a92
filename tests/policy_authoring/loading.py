"""Manifests to what is loaded, in one call."""

from __future__ import annotations

from model.errors import InvalidManifestsError, ManifestError
from policy.load import Loaded, load
from policy.settings import AuthoringSettings

POOL = """\
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata: {name: p}
spec:
  subnet: 10.0.0.0/24
"""


def loaded(text: str | bytes, settings: AuthoringSettings | None = None) -> Loaded:
    data = text.encode() if isinstance(text, str) else text
    return load([("f.yaml", data)], settings or AuthoringSettings())


def errors_of(
    text: str | bytes, settings: AuthoringSettings | None = None
) -> tuple[ManifestError, ...]:
    """All errors of a text; none where it loads."""
    try:
        loaded(text, settings)
    except InvalidManifestsError as error:
        return error.errors
    return ()
