-- What the entries of a new sender are bounded by until it has proven itself. It counts in the epoch that it names and
-- in no other: an older release raises the fence without clearing it.
ALTER TABLE trading.execution_fence
  ADD COLUMN canary_epoch        bigint,
  ADD COLUMN canary_since        bigint,
  ADD COLUMN canary_max_notional numeric(38,18),
  ADD COLUMN canary_symbols      text[],
  ADD CONSTRAINT canary_complete CHECK (canary_epoch IS NULL OR (canary_since <= canary_epoch) IS TRUE AND (canary_max_notional > 0) IS TRUE);

-- For what was bought since the first epoch of a canary, in a record with a long history.
CREATE INDEX orders_bought_by_epoch ON trading.orders (stack, epoch) WHERE side = 'buy';

-- The canary of each stack that has one, and what its buys cost at most: what they filled and may still fill, at their
-- limit prices, in quote by symbol. An order without a price makes its sum unreadable, which stops entries.
CREATE VIEW trading.sender_canaries AS
SELECT f.stack, f.canary_since AS since, f.canary_max_notional AS max_notional, f.canary_symbols AS symbols,
  (SELECT coalesce(jsonb_object_agg(b.symbol, b.notional::text), '{}') FROM (
     SELECT o.symbol, round(ceil(1e18 * sum(coalesce(o.price, 'NaN') *
       CASE WHEN o.state IN ('Filled', 'Cancelled', 'Rejected', 'NeverSent') THEN o.filled ELSE greatest(o.quantity, o.filled) END)) * 1e-18, 18) AS notional
     FROM trading.orders o WHERE o.stack = f.stack AND o.side = 'buy' AND o.epoch >= f.canary_since GROUP BY o.symbol) b) AS bought
FROM trading.execution_fence f WHERE f.canary_epoch = f.epoch;

-- Risk reads the view.
-- Grants: db447a93a2cd7b34
