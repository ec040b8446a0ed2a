"""Trades that a vendor took back: what it said, and which ticks stand no more."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TICKS = """
ALTER TABLE market_ticks ADD COLUMN voided_at timestamptz;
COMMENT ON COLUMN market_ticks.voided_at IS 'When we learned that the vendor took this trade back; null while it stands. tick_corrections says why';
"""
CORRECTIONS = """
CREATE TABLE tick_corrections (
    correction_id   uuid PRIMARY KEY,
    feed            text NOT NULL,
    symbol          text NOT NULL,
    trade           text NOT NULL,
    price           double precision NOT NULL,
    size            double precision,
    exchange        text,
    told_at         timestamptz NOT NULL,
    ticked_at       timestamptz,
    new_trade       text,
    new_price       double precision,
    new_size        double precision,
    new_conditions  text[],
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    looked_at       timestamptz,
    voided_ticked_at timestamptz,
    voided_tick_id  bigint,
    new_tick_id     bigint
);
CREATE INDEX tick_corrections_symbol ON tick_corrections (feed, symbol, told_at);
CREATE INDEX tick_corrections_new ON tick_corrections (told_at) WHERE looked_at IS NULL;
CREATE INDEX tick_corrections_voided ON tick_corrections (voided_ticked_at);
COMMENT ON TABLE tick_corrections IS 'Every cancellation and correction of a trade that a vendor sent; the tick that it is about is voided, not deleted';
COMMENT ON COLUMN tick_corrections.trade IS 'The vendor''s own id of the trade that it takes back';
COMMENT ON COLUMN tick_corrections.told_at IS 'When the vendor said so';
COMMENT ON COLUMN tick_corrections.new_price IS 'What the trade was really made at; null when there was no trade';
COMMENT ON COLUMN tick_corrections.looked_at IS 'When the tick was last looked for; null before the first time';
COMMENT ON COLUMN tick_corrections.voided_ticked_at IS 'With symbol and voided_tick_id the key of the tick that was voided; null while market_ticks has no such tick';
COMMENT ON COLUMN tick_corrections.new_tick_id IS 'The tick that was put in its place, at the same moment';
"""
BARS = """
ALTER TABLE bars_1m ADD COLUMN voided integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN bars_1m.voided IS 'How many trades of the minute were taken back by the vendor; they count in no other column';
"""


def upgrade() -> None:
    op.execute(TICKS)
    op.execute(CORRECTIONS)
    op.execute(BARS)
