-- For trading.delete_history. No order can be inserted or changed while it is built.
CREATE INDEX order_events_by_time ON trading.order_events (at, stack);
