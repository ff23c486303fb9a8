-- Orders that have not ended: the one definition of "live" in SQL, beside isTerminal in the domain. Readers are granted the view.
CREATE VIEW trading.live_orders AS
SELECT stack, client_order_id, decision_id, strategy, symbol, side, type, price, quantity, reserved_asset, reserved, epoch, risk_hash,
  deadline, state, venue_order_id, filled, reason, unknown_since, intended_at, updated_at
FROM trading.orders
WHERE state NOT IN ('Filled', 'Cancelled', 'Rejected', 'NeverSent');
