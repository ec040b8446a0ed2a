"""Bars and prices are found by their symbol too: that is how people ask for them."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Their keys start with time, as those who write them want it. market_ticks has no such index: a million ticks would
# wait for it, and its bars tell nearly always what is asked of them.
INDEXES = """
CREATE INDEX bars_1m_symbol ON bars_1m (symbol, bar_at);
CREATE INDEX price_history_symbol ON price_history (symbol, price_at);
"""


def upgrade() -> None:
    op.execute(INDEXES)
