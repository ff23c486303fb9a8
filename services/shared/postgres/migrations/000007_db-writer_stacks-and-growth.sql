-- Stacks that share a database keep their markets apart. Rows from before belong to none; the default serves a release that goes back to not naming one.
ALTER TABLE market_data.trades ADD COLUMN stack text NOT NULL DEFAULT '';
ALTER TABLE market_data.trades DROP CONSTRAINT trades_pkey, ADD PRIMARY KEY (stack, symbol, producer, seq);
DROP INDEX market_data.trades_by_time;
CREATE INDEX trades_by_time ON market_data.trades (stack, symbol, traded_at);
-- What is old goes, oldest first, whichever stack wrote it.
CREATE INDEX trades_by_receipt ON market_data.trades (received_at);

ALTER TABLE market_data.books ADD COLUMN stack text NOT NULL DEFAULT '';
ALTER TABLE market_data.books DROP CONSTRAINT books_pkey, ADD PRIMARY KEY (stack, symbol, producer, seq);
DROP INDEX market_data.books_by_time;
CREATE INDEX books_by_time ON market_data.books (stack, symbol, booked_at);
CREATE INDEX books_by_receipt ON market_data.books (received_at);

-- Approvals that may still be sent are few, whatever the history.
CREATE INDEX decisions_by_deadline ON risk.decisions (stack, deadline) WHERE approved;

-- The mark is that of the stack's own newest book, found by the index.
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
  (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', h.symbol, 'quantity', trim_scale(h.quantity)::text, 'cost', trim_scale(h.cost)::text,
     'mark', trim_scale(h.mark)::text, 'realised', trim_scale(h.realised)::text,
     'unrealised', trim_scale(round(h.quantity * h.mark - h.cost, 18))::text) ORDER BY h.symbol), '[]')
   FROM held h WHERE h.stack = s.stack) AS positions,
  (SELECT coalesce(jsonb_object_agg(b.asset, trim_scale(b.ledger)::text), '{}') FROM trading.balances b WHERE b.stack = s.stack) AS balances
FROM stacks s;
