-- One row a stack, for people and scripts: what was ordered, filled, earned, and what is held.
CREATE VIEW trading.summary AS
WITH stacks AS (SELECT stack FROM trading.execution_fence),
marks AS (
  SELECT DISTINCT ON (symbol) symbol, (bid_price + ask_price) / 2 AS mark
  FROM market_data.books WHERE bid_price IS NOT NULL AND ask_price IS NOT NULL
  ORDER BY symbol, booked_at DESC
),
held AS (
  SELECT p.stack, p.symbol, sum(p.quantity) AS quantity, sum(p.cost) AS cost, sum(p.realised) AS realised, m.mark
  FROM trading.positions p LEFT JOIN marks m USING (symbol) GROUP BY p.stack, p.symbol, m.mark
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
