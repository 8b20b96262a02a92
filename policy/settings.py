"""The settings of the store that authoring depends on (design section 3)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AuthoringSettings:
    """`install_namespace` is the setting `namespace`; the families are those that are enabled."""

    install_namespace: str = "kube-system"
    enable_ipv4: bool = True
    enable_ipv6: bool = True

    def enabled(self, family: int) -> bool:
        """Whether pools of this family may be written."""
        return self.enable_ipv4 if family == 4 else self.enable_ipv6
