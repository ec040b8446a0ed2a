"""What a column holds is told where analysts look: on the view latest_ratios too."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A view inherits no comments from its table.
COPY = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN
        SELECT of_view.attname AS name, col_description(of_table.attrelid, of_table.attnum) AS comment
        FROM pg_attribute AS of_view
        JOIN pg_attribute AS of_table ON of_table.attname = of_view.attname
        WHERE of_view.attrelid = 'latest_ratios'::regclass AND of_table.attrelid = 'financial_ratios'::regclass
            AND of_view.attnum > 0 AND of_table.attnum > 0
    LOOP
        EXECUTE format('COMMENT ON COLUMN latest_ratios.%I IS %L', one.name, one.comment);
    END LOOP;
END $$
"""
TABLE = {
    "symbol": "The stock as its source spells it, such as TSCO.L",
    "period_type": "annual, quarterly or trailing: the twelve months to the newest report",
    "period_end": "The day the period ended, as the company reports it",
    "run_id": "The run that wrote this row",
    "price_at": "When the price of this row was made; null where no price went into it",
}
VIEW = {
    "name": "The company",
    "region": "The region it was listed in, such as gb",
    "exchange": "Its exchange as its source spells it, such as LSE",
    "sector": "Its sector in the source's words; null where that is not known",
    "industry": "Its industry in the source's words, or the group of industries a screener query asked for",
    "price_currency": "What its price is quoted in: GBp is pence",
    "statement_currency": "What every amount of this row is in, market_cap and enterprise_value too",
}


def upgrade() -> None:
    for name, comment in TABLE.items():
        op.execute(_comment("financial_ratios", name, comment))
    op.execute(COPY)
    for name, comment in VIEW.items():
        op.execute(_comment("latest_ratios", name, comment))


def _comment(relation: str, name: str, comment: str) -> str:
    quoted = comment.replace("'", "''")
    return f"COMMENT ON COLUMN {relation}.{name} IS '{quoted}'"
