-- Fees that were paid in neither asset of their pair: positions.realised does not contain them, so they are named
-- beside it. The other postings of a fee's event name the assets of its pair. NaN is refused, because execution reads
-- the sums together with the positions.
-- Inserts wait for the end of this migration, so that none runs the function before it.
LOCK TABLE trading.ledger_postings IN SHARE ROW EXCLUSIVE MODE;

-- Computed before trading.fee_totals is locked, which risk reads for each decision.
CREATE TEMPORARY TABLE third_asset_fees ON COMMIT DROP AS
SELECT stack, asset, sum(amount) AS amount FROM trading.ledger_postings p
WHERE account = 'fees' AND NOT EXISTS (
  SELECT FROM trading.ledger_postings t
  WHERE t.stack = p.stack AND t.event_id = p.event_id AND t.account = 'trading' AND t.asset = p.asset)
GROUP BY stack, asset;

ALTER TABLE trading.fee_totals ADD COLUMN third_asset numeric(38,18) NOT NULL DEFAULT 0
  CONSTRAINT fee_totals_third_asset_number CHECK (third_asset <> 'NaN');

CREATE OR REPLACE FUNCTION trading.sum_fees() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO trading.fee_totals AS f (stack, asset, amount, third_asset)
  SELECT p.stack, p.asset, sum(p.amount), coalesce(sum(p.amount) FILTER (WHERE NOT EXISTS (
    SELECT FROM added t WHERE t.stack = p.stack AND t.event_id = p.event_id AND t.account = 'trading' AND t.asset = p.asset)), 0)
  FROM added p WHERE p.account = 'fees' GROUP BY p.stack, p.asset ORDER BY p.stack, p.asset
  ON CONFLICT (stack, asset) DO UPDATE
  SET amount = f.amount + excluded.amount, third_asset = f.third_asset + excluded.third_asset;
  RETURN NULL;
END $$;

UPDATE trading.fee_totals f SET third_asset = p.amount
FROM third_asset_fees p WHERE p.stack = f.stack AND p.asset = f.asset;

COMMENT ON COLUMN trading.positions.realised IS 'In the quote asset of the symbol, without fees in a third asset.';
COMMENT ON COLUMN trading.portfolio_snapshots.realised IS 'In the quote asset of the symbol, without fees in a third asset.';

CREATE OR REPLACE VIEW trading.summary AS
WITH stacks AS (SELECT stack FROM trading.execution_fence),
held AS (
  SELECT p.stack, p.symbol, p.quantity, p.cost, p.realised, m.mark
  FROM (SELECT stack, symbol, sum(quantity) AS quantity, sum(cost) AS cost, sum(realised) AS realised
        FROM trading.positions GROUP BY stack, symbol) p
  LEFT JOIN LATERAL (
    SELECT (b.bid_price + b.ask_price) / 2 AS mark FROM market_data.books b
    WHERE b.stack = p.stack AND b.symbol = p.symbol AND b.bid_price IS NOT NULL AND b.ask_price IS NOT NULL
    ORDER BY b.booked_at DESC LIMIT 1
  ) m ON true
)
SELECT s.stack,
  (SELECT count(*) FROM trading.orders o WHERE o.stack = s.stack) AS orders,
  (SELECT count(*) FROM trading.orders o WHERE o.stack = s.stack AND o.state = 'Filled') AS orders_filled,
  (SELECT count(*) FROM trading.trades t WHERE t.stack = s.stack) AS fills,
  (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', h.symbol, 'currency', split_part(h.symbol, '/', 2),
     'quantity', trim_scale(h.quantity)::text, 'cost', trim_scale(h.cost)::text,
     'mark', trim_scale(h.mark)::text, 'realised', trim_scale(h.realised)::text,
     'unrealised', trim_scale(round(h.quantity * h.mark - h.cost, 18))::text) ORDER BY h.symbol), '[]')
   FROM held h WHERE h.stack = s.stack) AS positions,
  (SELECT coalesce(jsonb_object_agg(b.asset, trim_scale(b.ledger)::text), '{}') FROM trading.balances b WHERE b.stack = s.stack) AS balances,
  (SELECT coalesce(jsonb_object_agg(f.asset, trim_scale(f.third_asset)::text), '{}') FROM trading.fee_totals f
   WHERE f.stack = s.stack AND f.third_asset <> 0) AS third_asset_fees
FROM stacks s;
