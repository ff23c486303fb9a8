-- Writers of the outbox no longer take turns, so a message may become visible after one with a higher id. The relay gives the messages that it sees an id
-- in the order of publication, from the same sequence, and notes it here. Rows of releases before this one are in order already: their writers took turns.
-- Both releases can publish: to the one before, a placed message is a message with a higher id.
ALTER TABLE trading.outbox ADD COLUMN placed boolean NOT NULL DEFAULT false;
UPDATE trading.outbox SET placed = true WHERE published_at IS NULL;
