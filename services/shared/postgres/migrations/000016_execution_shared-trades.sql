-- A venue may report both sides of a trade under one id. When both orders are ours, each has a row. trading.trades has
-- one row a trade id, and the release before this one relies on that (ON CONFLICT), so the row of the other order goes
-- to this table. It inherits from trading.trades: every read of trading.trades has both rows, in both releases.
CREATE TABLE trading.shared_trades (
  PRIMARY KEY (stack, symbol, venue_trade_id, client_order_id),
  FOREIGN KEY (stack, client_order_id) REFERENCES trading.orders
) INHERITS (trading.trades);
CREATE INDEX shared_trades_by_order ON trading.shared_trades (stack, client_order_id);
CREATE INDEX shared_trades_by_time ON trading.shared_trades (stack, symbol, traded_at);
