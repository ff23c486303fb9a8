-- The value of the account, for the daily loss and the drawdown: one row a stack, in the currency of the limits. Two
-- processes of a rolling update move it by compare-and-set of `revision`. `transfers` has the booked transfers that the
-- baselines contain, by asset.
CREATE TABLE risk.equity (
  stack      text        PRIMARY KEY,
  revision   bigint      NOT NULL CHECK (revision > 0),
  currency   text        NOT NULL,
  assets     text[]      NOT NULL,
  equity     numeric(38,18) NOT NULL,
  day        timestamptz NOT NULL,
  day_start  numeric(38,18) NOT NULL,
  peak       numeric(38,18) NOT NULL,
  transfers  jsonb       NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The newest trip of each breaker. It refuses entries until it has left. `symbol` is empty for those of the account.
CREATE TABLE risk.breakers (
  stack      text        NOT NULL,
  breaker    text        NOT NULL CHECK (breaker IN ('DailyLoss', 'Drawdown', 'WideSpread', 'PriceMove', 'FeedGaps')),
  symbol     text        NOT NULL,
  tripped_at timestamptz NOT NULL,
  threshold  text        NOT NULL,
  detail     text        NOT NULL,
  inputs     jsonb       NOT NULL,
  left_at    timestamptz,
  left_cause text CHECK (left_cause IN ('NewDay', 'Reset', 'CooledDown', 'LimitRemoved')),
  PRIMARY KEY (stack, breaker, symbol),
  CHECK ((left_at IS NULL) = (left_cause IS NULL))
);

-- A person's request to leave the drawdown breaker. Risk fulfils each row once: the next drawdown counts from the
-- equity at that time.
CREATE TABLE risk.breaker_resets (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stack        text        NOT NULL,
  author       text        NOT NULL CONSTRAINT breaker_resets_author_given CHECK (author ~ '\S' AND length(author) <= 200),
  reason       text        NOT NULL CONSTRAINT breaker_resets_reason_given CHECK (reason ~ '\S' AND length(reason) <= 300),
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  handled_at   timestamptz
);
CREATE INDEX breaker_resets_open ON risk.breaker_resets (stack, id) WHERE handled_at IS NULL;
CREATE TRIGGER breaker_resets_warn BEFORE INSERT ON risk.breaker_resets FOR EACH ROW EXECUTE FUNCTION trading.warn_unknown_stack();
