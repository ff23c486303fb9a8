-- The newest fill of a pair is where a reconcile starts to ask; fills without our id are joined by the venue's order id.
CREATE INDEX trades_by_time ON trading.trades (stack, symbol, traded_at);
CREATE INDEX orders_by_venue_id ON trading.orders (stack, venue_order_id) WHERE venue_order_id IS NOT NULL;
CREATE INDEX outbox_published ON trading.outbox (published_at) WHERE published_at IS NOT NULL;
