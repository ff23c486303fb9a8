-- Each note of an order reads the trade ids of its fills, while it holds the order's lock: without this index it read the whole history.
CREATE INDEX trades_by_order ON trading.trades (stack, client_order_id);
