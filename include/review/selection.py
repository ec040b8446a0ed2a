"""Which dead letters are meant."""

from __future__ import annotations

from typing import Any

import msgspec

from include.errors import ConfigurationError

STATES = ("waiting", "replaying", "replayed", "discarded")


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Letters that match every filter given; with ``everything`` no filter is needed.

    ``states`` empty means any state.
    """

    ids: tuple[int, ...] = ()
    fingerprint: str | None = None
    region: str | None = None
    run_id: str | None = None
    states: tuple[str, ...] = ()
    everything: bool = False

    def required(self) -> Selection:
        """Itself. Raises ConfigurationError when it would mean every letter without saying so."""
        if not (self.everything or self.ids or self.fingerprint or self.region or self.run_id):
            raise ConfigurationError("say which letters: ids, --fingerprint, --region, --run, or --all")
        return self

    def condition(self) -> tuple[str, dict[str, Any]]:
        """-> a SQL condition on ``dead_letters`` and its values."""
        given = {
            "id = ANY(%(ids)s)": ("ids", list(self.ids)),
            "fingerprint = %(fingerprint)s": ("fingerprint", self.fingerprint),
            "region = %(region)s": ("region", self.region),
            "run_id = %(run_id)s": ("run_id", self.run_id),
            "state = ANY(%(states)s)": ("states", list(self.states)),
        }
        asked = {sql: value for sql, value in given.items() if value[1]}
        return " AND ".join(asked) or "true", dict(asked.values())
