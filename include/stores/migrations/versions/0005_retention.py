"""What grows is thinned once a day: when that was last done, and what it is found by."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHORES = """
CREATE TABLE chores (
    chore       text PRIMARY KEY,
    done_at     timestamptz NOT NULL,
    thinned_to  timestamptz
);
COMMENT ON TABLE chores IS 'What is done once a day, by whichever process comes first';
COMMENT ON COLUMN chores.thinned_to IS 'Everything observed before is thinned already';
"""

# Rows of these tables come in the order of their time: a BRIN index costs next to nothing, and finds the old ones.
INDEXES = """
CREATE INDEX effects_recorded ON effects USING brin (recorded_at) WITH (pages_per_range = 32);
CREATE INDEX drained_outcomes_drained ON drained_outcomes USING brin (drained_at) WITH (pages_per_range = 32);
CREATE INDEX quotes_observed ON quotes USING brin (observed_at) WITH (pages_per_range = 32);
CREATE INDEX exchange_rates_observed ON exchange_rates USING brin (observed_at) WITH (pages_per_range = 32);
CREATE INDEX dead_letters_reviewed ON dead_letters (id) WHERE state IN ('replayed', 'discarded');
"""

WAITS = """
ALTER TABLE runs ADD COLUMN waited_until timestamptz;
COMMENT ON COLUMN runs.waited_until IS 'Until when the quota of the run''s source was known to be used up; the clock of a stalled run starts anew then';
"""

COMMENTS = """
COMMENT ON TABLE quotes IS 'Quotes that ratios were computed from: all of the last QUOTES_KEPT_DAYS, before that the first of each week';
COMMENT ON TABLE exchange_rates IS 'One unit of currency costs rate units of quoted_in: all of the last RATES_KEPT_DAYS, before that the latest of each day (UTC)';
"""


def upgrade() -> None:
    for statements in (CHORES, INDEXES, WAITS, COMMENTS):
        op.execute(statements)
