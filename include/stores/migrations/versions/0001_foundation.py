"""Stocks, statements, ratios, the run ledger and the dead letters."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STOCKS = """
CREATE TABLE stocks (
    symbol              text PRIMARY KEY,
    region              text NOT NULL,
    name                text,
    exchange            text,
    currency            text,
    financial_currency  text,
    sector              text,
    industry            text,
    sector_seen_at      timestamptz,
    market_cap          double precision,
    last_seen_at        timestamptz NOT NULL
);
CREATE INDEX stocks_region ON stocks (region);
COMMENT ON TABLE stocks IS 'One row per listed stock, as its latest listing described it';
COMMENT ON COLUMN stocks.sector_seen_at IS 'When sector and industry were last asked for; they are kept for 30 days';
"""

# What was observed is never overwritten: a restated value is a new row, an unchanged answer adds none.
OBSERVATIONS = """
CREATE TABLE fundamentals (
    symbol         text NOT NULL,
    period_type    text NOT NULL CHECK (period_type IN ('annual', 'quarterly', 'trailing')),
    period_end     date NOT NULL,
    content_hash   text NOT NULL,
    statement      jsonb NOT NULL,
    first_seen_at  timestamptz NOT NULL,
    PRIMARY KEY (symbol, period_type, period_end, first_seen_at)
);
COMMENT ON TABLE fundamentals IS 'Every statement as it was observed; nothing is overwritten, an unchanged one adds no row';
COMMENT ON COLUMN fundamentals.first_seen_at IS 'When this content took the place of what was seen of the period before';

CREATE TABLE quotes (
    symbol       text NOT NULL,
    observed_at  timestamptz NOT NULL,
    quote        jsonb NOT NULL,
    PRIMARY KEY (symbol, observed_at)
);
COMMENT ON TABLE quotes IS 'Every quote that ratios were computed from';

CREATE TABLE exchange_rates (
    currency     text NOT NULL,
    quoted_in    text NOT NULL,
    rate_at      timestamptz NOT NULL,
    rate         double precision NOT NULL CHECK (rate > 0),
    observed_at  timestamptz NOT NULL,
    PRIMARY KEY (currency, quoted_in, rate_at)
);
COMMENT ON TABLE exchange_rates IS 'One unit of currency costs rate units of quoted_in';
"""

RATIOS = """
CREATE TABLE financial_ratios (
    symbol       text NOT NULL,
    period_type  text NOT NULL CHECK (period_type IN ('annual', 'quarterly', 'trailing')),
    period_end   date NOT NULL,
    run_id       text,
    observed_at  timestamptz NOT NULL,
    price_at     timestamptz,
    statuses     jsonb NOT NULL DEFAULT '{}',
    provenance   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (symbol, period_type, period_end)
);
COMMENT ON TABLE financial_ratios IS 'One row per stock and period, one column per ratio; a ratio without a value has its reason in statuses';
COMMENT ON COLUMN financial_ratios.statuses IS 'Why a ratio has no value, by ratio; what is not here is OK';
COMMENT ON COLUMN financial_ratios.provenance IS 'Fallback rows, observations and exchange rates that were used';
COMMENT ON COLUMN financial_ratios.observed_at IS 'When the statements were fetched; a newer observation is never replaced by an older one';
"""

# sent = completed + failed + pending holds by construction: a task is one row with one state.
LEDGER = """
CREATE TABLE runs (
    run_id      text PRIMARY KEY,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
    reason      text,
    request     jsonb,
    nightly     boolean NOT NULL DEFAULT false,
    started_at  timestamptz NOT NULL,
    resumed_at  timestamptz NOT NULL DEFAULT now(),
    last_outcome_at timestamptz,
    ended_at    timestamptz,
    cancelled_at timestamptz
);
CREATE INDEX runs_started ON runs (started_at);
CREATE UNIQUE INDEX runs_one_nightly ON runs (nightly) WHERE nightly AND state = 'running';
COMMENT ON COLUMN runs.request IS 'What was asked for; null while only outcomes of the run have been seen and not its plan';
COMMENT ON COLUMN runs.resumed_at IS 'When the run was last planned or cleared; the clock of a stalled run starts here';

CREATE TABLE tasks (
    run_id         text NOT NULL REFERENCES runs ON DELETE CASCADE,
    stage          text NOT NULL CHECK (stage IN ('scraping', 'processing')),
    task_id        uuid NOT NULL,
    parent_id      uuid,
    region         text NOT NULL,
    band           text,
    key            text NOT NULL,
    state          text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'completed', 'failed')),
    attempts       integer NOT NULL DEFAULT 0,
    replay_count   integer NOT NULL DEFAULT 0,
    error_class    text,
    error_message  text,
    detail         jsonb NOT NULL DEFAULT '{}',
    stocks         uuid[] NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    ended_at       timestamptz,
    PRIMARY KEY (run_id, stage, task_id)
);
CREATE INDEX tasks_unfinished ON tasks (run_id) WHERE state <> 'completed';
COMMENT ON COLUMN tasks.region IS 'Where the stock was first seen in this run; a stock of two regions is one task';
COMMENT ON COLUMN tasks.stocks IS 'The processing tasks that a page listed, whoever opened their rows';

CREATE TABLE effects (
    run_id       text NOT NULL,
    stage        text NOT NULL,
    task_id      uuid NOT NULL,
    completion   bytea NOT NULL,
    sends        jsonb NOT NULL DEFAULT '[]',
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, stage, task_id)
);
COMMENT ON TABLE effects IS 'What a task did, recorded before it is reported: a repeated task repeats this and nothing else';

CREATE TABLE drained_outcomes (
    topic_id   text NOT NULL,
    topic      text NOT NULL,
    partition  integer NOT NULL,
    "offset"   bigint NOT NULL,
    run_id     text,
    stage      text,
    task_id    uuid,
    drained_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic_id, partition, "offset")
);
CREATE INDEX drained_outcomes_run ON drained_outcomes (run_id);

CREATE TABLE kafka_cluster (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    cluster_id  text NOT NULL
);
COMMENT ON TABLE kafka_cluster IS 'The Kafka cluster this database belongs to; offsets of another mean nothing here';
"""

DEAD_LETTERS = """
CREATE TABLE dead_letters (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic_id         text NOT NULL,
    topic            text NOT NULL,
    partition        integer NOT NULL,
    "offset"         bigint NOT NULL,
    key              bytea,
    value            bytea,
    headers          jsonb NOT NULL,
    origin_topic     text,
    run_id           text,
    stage            text,
    task_id          text,
    region           text,
    symbol           text,
    exception_class  text,
    message          text,
    fingerprint      text,
    disposition      text,
    replay_count     integer NOT NULL DEFAULT 0,
    failed_at        timestamptz NOT NULL,
    state            text NOT NULL DEFAULT 'waiting'
                     CHECK (state IN ('waiting', 'replaying', 'replayed', 'discarded')),
    UNIQUE (topic_id, partition, "offset")
);
CREATE INDEX dead_letters_waiting ON dead_letters (fingerprint) WHERE state = 'waiting';
CREATE INDEX dead_letters_run ON dead_letters (run_id);

CREATE TABLE dead_letter_actions (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dead_letter_id  bigint NOT NULL REFERENCES dead_letters ON DELETE CASCADE,
    action          text NOT NULL CHECK (action IN ('replay', 'discard')),
    actor           text NOT NULL,
    reason          text NOT NULL,
    acted_at        timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dead_letter_actions_letter ON dead_letter_actions (dead_letter_id);
"""

QUOTAS = """
CREATE TABLE quotas (
    source       text NOT NULL,
    key_hash     text NOT NULL,
    window_s     double precision NOT NULL,
    allowed      integer NOT NULL DEFAULT 0,
    newest_slot  bigint NOT NULL DEFAULT 0,
    used         integer[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (source, key_hash, window_s)
);
COMMENT ON TABLE quotas IS 'What all processes together have asked of a source; the key itself is never stored';
COMMENT ON COLUMN quotas.used IS 'Requests granted per slot of the window, newest first, from number newest_slot down';

CREATE TABLE source_pauses (
    source        text NOT NULL,
    key_hash      text NOT NULL,
    paused_until  timestamptz NOT NULL,
    pause_s       double precision NOT NULL,
    PRIMARY KEY (source, key_hash)
);
COMMENT ON TABLE source_pauses IS 'Sources that refuse everybody, and until when nobody asks them';
"""


def upgrade() -> None:
    for statements in (STOCKS, OBSERVATIONS, RATIOS, LEDGER, DEAD_LETTERS, QUOTAS):
        op.execute(statements)
