"""The settings that hold for all calls, and the node that the store serves."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.database import Database

    Value = str | bool | int

DEFAULTS: dict[str, str | bool | int] = {
    "namespace": "kube-system",
    "cluster_network": "",
    "enable_ipv4": True,
    "enable_ipv6": True,
    "enable_statefulset": True,
    "quarantine_seconds": 60,
    "node_binding": True,
    "journal_days": 90,
    "journal_rows": 500_000,
}


class Settings:
    """Known keys with defaults: text, `on`/`off` as bool, counts as int."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Value:
        """The value of one key; ConfigurationError for an unknown one."""
        if key not in DEFAULTS:
            from store.setting_values import unknown_key  # noqa: PLC0415 - an error is rare

            raise unknown_key(key, DEFAULTS)
        row = self._database.row("SELECT value FROM setting WHERE key = ?", (key,))
        return _from_text(key, row[0]) if row else DEFAULTS[key]

    def all(self) -> dict[str, Value]:
        """Every key with its value, in the order of `DEFAULTS`."""
        rows = self._database.rows("SELECT key, value FROM setting")
        stored: dict[str, str] = {row[0]: row[1] for row in rows}
        return {
            key: _from_text(key, stored[key]) if key in stored else default
            for key, default in DEFAULTS.items()
        }

    def quarantine_seconds(self) -> int:
        """How long released addresses rest where their pool does not say."""
        return int(self.get("quarantine_seconds"))

    def check(self, key: str, value: str | bool | int) -> str:
        """The text that `set` would store; ConfigurationError if it makes no sense."""
        from store.setting_values import checked_text  # noqa: PLC0415 - `config set` alone

        return checked_text(key, value, DEFAULTS)

    def set(self, key: str, value: str | bool | int) -> None:
        """Stores a value, given as such or as text; ConfigurationError if it makes no sense.

        Switching `node_binding` off forgets the node, so that switching it on binds anew.
        """
        text = self.check(key, value)
        with self._database.transaction():
            if key == "node_binding" and text == "off":
                self._database.run("DELETE FROM meta WHERE key = 'node'")
            self._database.run("INSERT OR REPLACE INTO setting VALUES (?, ?)", (key, text))

    def bind_node(self, node: str) -> str:
        """The node this store serves: `node` from the first call on, for ever."""
        bound = self.bound_node()
        if bound is None:
            with self._database.transaction():
                self._database.run("INSERT OR IGNORE INTO meta VALUES ('node', ?)", (node,))
                bound = self.bound_node()
        return bound or ""

    def require_node(self, node: str, *, bind: bool = True) -> None:
        """NodeBindingError if the store serves another node; a no-op with `node_binding` off.

        A store that serves none yet is bound to this one, unless `bind` is false.
        """
        if not self.get("node_binding"):
            return
        bound = self.bind_node(node) if bind else self.bound_node() or node
        if bound != node:
            from model.errors import NodeBindingError  # noqa: PLC0415 - an error is rare

            raise NodeBindingError(
                f"the store `{self._database.path}` serves node `{bound}`, not `{node}`",
                "give each node a store of its own; where one store is to serve several (in a "
                "laboratory), run `poolweaver config set node_binding off`",
            )

    def bound_node(self) -> str | None:
        """The node this store serves, or None before its first CNI ADD."""
        row = self._database.row("SELECT value FROM meta WHERE key = 'node'")
        return str(row[0]) if row else None


def _from_text(key: str, text: str) -> Value:
    default = DEFAULTS[key]
    if isinstance(default, bool):
        return text == "on"
    return int(text) if isinstance(default, int) else text
