-- Whether the last comparison left a drift in the asset. It is kept here so that a restarted process, which has seen no
-- reading yet, does not send the entries that its predecessor held back.
ALTER TABLE trading.balances ADD COLUMN drifting boolean NOT NULL DEFAULT false;
