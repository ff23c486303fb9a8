-- For trading.delete_history, as above. No order can be inserted or changed while it is built.
CREATE INDEX order_events_of_stack ON trading.order_events ((stack || ''), at);
