"""Ticks, prices, bars, and how the feeds do. A TimescaleDB hypertable where the extension is there, else partitions."""

from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Keys start with time: three times the rows per second, and what TimescaleDB and partitions want anyway.
TICKS = """
CREATE TABLE market_ticks (
    ticked_at   timestamptz NOT NULL,
    symbol      text NOT NULL,
    tick_id     bigint NOT NULL,
    feed        text NOT NULL,
    kind        text NOT NULL,
    price       double precision NOT NULL,
    size        double precision,
    bid         double precision,
    bid_size    double precision,
    ask         double precision,
    ask_size    double precision,
    exchange    text,
    conditions  text[],
    PRIMARY KEY (ticked_at, symbol, tick_id)
) {partitioned};
COMMENT ON TABLE market_ticks IS 'Every trade and quote that a stream published; tick_id is derived from the content, so the same tick is one row';
COMMENT ON COLUMN market_ticks.price IS 'Of the trade, or the middle of the quote, in the currency of the market';
"""

PRICES = """
CREATE TABLE price_history (
    price_at        timestamptz NOT NULL,
    source          text NOT NULL,
    symbol          text NOT NULL,
    price_id        uuid NOT NULL,
    price           double precision NOT NULL,
    currency        text,
    open            double precision,
    high            double precision,
    low             double precision,
    previous_close  double precision,
    volume          double precision,
    vwap            double precision,
    trades          integer,
    name            text,
    market_cap      double precision,
    observed_at     timestamptz NOT NULL,
    PRIMARY KEY (price_at, source, symbol, price_id)
) {partitioned};
COMMENT ON TABLE price_history IS 'Every price that a polled vendor gave; price_id is derived from the content, so the same price is one row';
COMMENT ON COLUMN price_history.price_at IS 'The moment that the vendor says the price is of; the start of the day in UTC where it says only the day';
"""

BARS = """
CREATE TABLE bars_1m (
    bar_at      timestamptz NOT NULL,
    feed        text NOT NULL,
    symbol      text NOT NULL,
    open        double precision NOT NULL,
    high        double precision NOT NULL,
    low         double precision NOT NULL,
    close       double precision NOT NULL,
    volume      double precision,
    vwap        double precision,
    trades      integer NOT NULL,
    is_partial  boolean NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bar_at, feed, symbol)
) {partitioned};
COMMENT ON TABLE bars_1m IS 'One-minute bars made from trades; bar_at is the start of the minute';
COMMENT ON COLUMN bars_1m.is_partial IS 'Whether the minute is not over, or the feed was away during part of it';
"""

FEEDS = """
CREATE TABLE feed_states (
    feed             text PRIMARY KEY,
    state            text NOT NULL,
    detail           text,
    started_at       timestamptz NOT NULL,
    last_message_at  timestamptz,
    sent             bigint NOT NULL DEFAULT 0,
    failed           bigint NOT NULL DEFAULT 0,
    cache_hits       bigint NOT NULL DEFAULT 0,
    cache_misses     bigint NOT NULL DEFAULT 0,
    updated_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE feed_states IS 'How each feed does; counts are since started_at';
COMMENT ON COLUMN feed_states.last_message_at IS 'The time of the newest message that the broker acknowledged, as the vendor dated it';

CREATE TABLE feed_symbols (
    feed         text NOT NULL,
    symbol       text NOT NULL,
    answered_at  timestamptz,
    price_at     timestamptz,
    failed_at    timestamptz,
    failure      text,
    PRIMARY KEY (feed, symbol)
);
COMMENT ON TABLE feed_symbols IS 'When each symbol was last answered; under a tight quota the stalest goes first';
COMMENT ON COLUMN feed_symbols.failure IS 'Why the last question about it failed; null since it was answered';

CREATE TABLE feed_gaps (
    feed        text NOT NULL,
    started_at  timestamptz NOT NULL,
    ended_at    timestamptz,
    reason      text NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed', 'filled', 'unfilled')),
    ticks       bigint,
    detail      text,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (feed, started_at)
);
COMMENT ON TABLE feed_gaps IS 'When a stream was not heard: open while it lasts, closed when it is over, filled when its ticks were asked for afterwards';
COMMENT ON COLUMN feed_gaps.detail IS 'Why a gap stays unfilled';
"""

_HYPERTABLES = """
SELECT create_hypertable('market_ticks', 'ticked_at', chunk_time_interval => INTERVAL '1 day');
ALTER TABLE market_ticks SET (timescaledb.compress, timescaledb.compress_segmentby = 'symbol', timescaledb.compress_orderby = 'ticked_at DESC, tick_id');
SELECT add_compression_policy('market_ticks', INTERVAL '7 days');
SELECT add_retention_policy('market_ticks', INTERVAL '30 days');
SELECT create_hypertable('price_history', 'price_at', chunk_time_interval => INTERVAL '1 month');
SELECT create_hypertable('bars_1m', 'bar_at', chunk_time_interval => INTERVAL '1 month');
"""


# Only a library that was loaded at the server's start has defined its settings. Where it was not, CREATE EXTENSION would
# not be refused: it would end the connection, and the migration with it.
_LOADED = """
SELECT 1 FROM pg_available_extensions AS extension
WHERE extension.name = 'timescaledb'
    AND EXISTS (SELECT FROM pg_settings WHERE pg_settings.name = 'timescaledb.max_background_workers')
"""


def _timescale() -> bool:
    """Whether TimescaleDB is there and may be used."""
    connection = op.get_bind()
    if not connection.exec_driver_sql(_LOADED).scalar():
        return False
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS timescaledb")
    except DBAPIError:  # not allowed to us: partitions do as well
        return False
    return True


def upgrade() -> None:
    timescale = _timescale()
    for statements, column in ((TICKS, "ticked_at"), (PRICES, "price_at"), (BARS, "bar_at")):
        op.execute(statements.format(partitioned="" if timescale else f"PARTITION BY RANGE ({column})"))
    if timescale:
        op.execute(_HYPERTABLES)
    op.execute(FEEDS)
