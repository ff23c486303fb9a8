-- The relay looks for messages of its own stack five times a second. A deleted stack leaves messages that nobody
-- publishes or deletes any more: they are not walked over.
CREATE INDEX outbox_waiting ON trading.outbox (stack, id) WHERE published_at IS NULL;
CREATE INDEX outbox_done ON trading.outbox (stack, published_at) WHERE published_at IS NOT NULL;
DROP INDEX trading.outbox_unpublished, trading.outbox_published;
