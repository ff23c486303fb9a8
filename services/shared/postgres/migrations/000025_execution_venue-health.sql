-- What the sender has observed of the venue within the last minute: one row a stack, replaced every few seconds. Risk
-- judges it. `failures` has the number of failed requests by kind.
CREATE TABLE trading.venue_health (
  stack            text             PRIMARY KEY,
  epoch            bigint           NOT NULL,
  requests         integer          NOT NULL CHECK (requests >= 0),
  failures         jsonb            NOT NULL,
  timed            integer          NOT NULL CHECK (timed >= 0),
  median_ms        double precision,
  p95_ms           double precision,
  longest_pause_ms double precision NOT NULL CHECK (longest_pause_ms >= 0),
  observed_at      timestamptz      NOT NULL DEFAULT clock_timestamp(),
  CHECK ((timed = 0) = (median_ms IS NULL) AND (timed = 0) = (p95_ms IS NULL))
);

ALTER TABLE risk.breakers DROP CONSTRAINT breakers_breaker_check;
ALTER TABLE risk.breakers ADD CONSTRAINT breakers_breaker_check CHECK (breaker IN
  ('DailyLoss', 'Drawdown', 'VenueErrors', 'VenueLatency', 'VenueBanned', 'WideSpread', 'PriceMove', 'FeedGaps'));
