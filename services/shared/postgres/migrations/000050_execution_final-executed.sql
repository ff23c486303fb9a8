-- What an order has executed in all, in base, once the venue has reported its end: not all of those fills may be
-- recorded. Null before that. What an exit leaves out beside such a sale is final_executed less filled.
ALTER TABLE trading.orders ADD COLUMN final_executed numeric(38,18);

CREATE OR REPLACE VIEW trading.live_orders AS
SELECT stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash,
  deadline, state, venue_order_id, filled, reason, unknown_since, intended_at, updated_at, final_executed
FROM trading.orders
WHERE state NOT IN ('Filled', 'Cancelled', 'Rejected', 'NeverSent');
