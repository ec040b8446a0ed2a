"""A source that refuses everybody is paused for everybody."""

from __future__ import annotations

from typing import Any

FIRST_PAUSE_S = 1.0
LONGEST_LEARNED_PAUSE_S = 300.0
ENOUGH_ANSWERS = 10

_REMAINING = """
SELECT greatest(0, extract(epoch FROM paused_until - clock_timestamp()))::double precision
FROM source_pauses WHERE source = %s AND key_hash = %s
"""
_OPEN_ROW = """
INSERT INTO source_pauses (source, key_hash, paused_until, pause_s) VALUES (%s, %s, '-infinity', 0)
ON CONFLICT DO NOTHING
"""
_LOCKED = """
SELECT CASE WHEN isfinite(paused_until) THEN extract(epoch FROM clock_timestamp() - paused_until)::double precision END,
       pause_s
FROM source_pauses WHERE source = %s AND key_hash = %s FOR UPDATE
"""
_PAUSE = """
UPDATE source_pauses
SET paused_until = greatest(paused_until, clock_timestamp() + make_interval(secs => %s)), pause_s = %s
WHERE source = %s AND key_hash = %s
"""
_PAUSED = "SELECT DISTINCT source FROM source_pauses WHERE paused_until > clock_timestamp() ORDER BY source"


def remaining_s(connection: Any, source: str, key_hash: str) -> float:
    """Seconds until the source may be asked again under this key; 0 if it may be now."""
    with connection.cursor() as cursor:
        cursor.execute(_REMAINING, [source, key_hash])
        row = cursor.fetchone()
    return row[0] if row else 0.0


def paused_sources(connection: Any) -> list[str]:
    """The sources that are paused now under any key: a run that waits for them has not stalled."""
    with connection.cursor() as cursor:
        cursor.execute(_PAUSED)
        return [row[0] for row in cursor.fetchall()]


def pause(connection: Any, source: str, key_hash: str, seconds: float | None, answers: int = 0) -> float:
    """Pause the source for ``seconds``, or as long as its refusals have taught (None); never shortens a pause.

    ``answers`` is how many questions it has answered since it was last paused, as far as the caller knows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_ROW, [source, key_hash])
        cursor.execute(_LOCKED, [source, key_hash])
        since_end_s, previous_s = cursor.fetchone()
        paused_s = learned_s(since_end_s, previous_s, answers) if seconds is None else max(0.0, seconds)
        cursor.execute(_PAUSE, [paused_s, paused_s, source, key_hash])
    return paused_s


def learned_s(since_end_s: float | None, previous_s: float, answers: int = 0) -> float:
    """How long to pause after a refusal that names no time.

    ``since_end_s`` is how long ago the last pause (of ``previous_s``) ended, negative while it
    lasts, None if there was none. A refusal soon after a pause doubles it, unless the source has given
    ``ENOUGH_ANSWERS`` since: it refuses some questions then, not everybody. One during a pause is an
    answer that was still under way.
    """
    if since_end_s is None or not previous_s:
        return FIRST_PAUSE_S
    if since_end_s <= 0:
        return -since_end_s
    if answers >= ENOUGH_ANSWERS or since_end_s > max(10 * FIRST_PAUSE_S, 2 * previous_s):
        return FIRST_PAUSE_S
    return min(LONGEST_LEARNED_PAUSE_S, 2 * previous_s)
