"""What bars are made from and judged by, and the price movements that were found."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# The writer of ticks adds rows in the ticks' own transaction, ON CONFLICT DO NOTHING. Each transaction has rows of its
# own: a row that can be seen is one whose ticks can be seen, and no writer ever waits for another or for a bar.
DUE = """
CREATE TABLE bars_due (
    bar_at    timestamptz NOT NULL,
    feed      text NOT NULL,
    symbol    text NOT NULL,
    noted_by  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    noted_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (bar_at, feed, symbol, noted_by)
);
COMMENT ON TABLE bars_due IS 'Minutes whose ticks have changed since their bar was made; empty when all bars are up to date';
COMMENT ON COLUMN bars_due.bar_at IS 'The start of the minute, as in bars_1m';
COMMENT ON COLUMN bars_due.noted_by IS 'The transaction that changed the ticks';
"""

BARS = """
ALTER TABLE bars_1m ADD COLUMN partial_because text[] NOT NULL DEFAULT '{}';
CREATE INDEX bars_1m_open ON bars_1m (bar_at) WHERE partial_because @> '{open}';
COMMENT ON COLUMN bars_1m.is_partial IS 'Whether trades of the minute may be missing; partial_because says why';
COMMENT ON COLUMN bars_1m.partial_because IS 'open: the minute is not over, or the feed is not known to have listened to its end; gap: the feed was away for a part of it and that was not filled; changes: only trades that changed the price were published, so volume and trades are lower bounds; unheard: before the first that is known of the feed; sizeless: a trade of unknown size is missing in volume and vwap';
COMMENT ON COLUMN bars_1m.volume IS 'In shares or coins; null when no trade has a size, which is not zero';
COMMENT ON COLUMN bars_1m.vwap IS 'The mean price of the trades that have a size, weighted by it';
COMMENT ON COLUMN bars_1m.trades IS 'How many trades the bar is made of; those that must not set a price count as well';
"""

# Which ticks a feed sent is known by time: a bar that is made again later is judged by what held in its minute.
FEEDS = """
CREATE TABLE feed_publishing (
    feed       text NOT NULL,
    since      timestamptz NOT NULL,
    publishes  text NOT NULL CHECK (publishes IN ('changes', 'all')),
    PRIMARY KEY (feed, since)
);
COMMENT ON TABLE feed_publishing IS 'From when on a stream published every tick, or only those that changed a price';
ALTER TABLE feed_gaps ADD COLUMN filled_from timestamptz;
ALTER TABLE feed_gaps ADD COLUMN judged_at timestamptz;
COMMENT ON COLUMN feed_gaps.filled_from IS 'From when on a filled gap was asked for; null is from its start';
COMMENT ON COLUMN feed_gaps.judged_at IS 'The updated_at of this row when the bars of its time were last made due';
"""

MOVEMENTS = """
CREATE TABLE price_movements (
    moved_to_at    timestamptz NOT NULL,
    movement_id    uuid NOT NULL,
    source         text NOT NULL,
    symbol         text NOT NULL,
    window_s       double precision NOT NULL,
    percent        double precision NOT NULL,
    price_before   double precision NOT NULL,
    price_after    double precision NOT NULL,
    moved_from_at  timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (moved_to_at, movement_id)
) {partitioned};
COMMENT ON TABLE price_movements IS 'Every price that moved by a threshold within a window; movement_id is derived from the content, so the same movement is one row';
COMMENT ON COLUMN price_movements.percent IS 'Signed: price_after against price_before';
COMMENT ON COLUMN price_movements.moved_from_at IS 'When the price was price_before, the lowest or highest of the window';
"""

_HYPERTABLES = """
SELECT create_hypertable('price_movements', 'moved_to_at', chunk_time_interval => INTERVAL '1 month');
"""


# A hypertable is an ordinary table to PostgreSQL; without the extension the tables are partitioned.
_PARTITIONED = "SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('market_ticks')"


def upgrade() -> None:
    timescale = not op.get_bind().exec_driver_sql(_PARTITIONED).scalar()
    op.execute(DUE)
    op.execute(BARS)
    op.execute(FEEDS)
    op.execute(MOVEMENTS.format(partitioned="" if timescale else "PARTITION BY RANGE (moved_to_at)"))
    if timescale:
        op.execute(_HYPERTABLES)
