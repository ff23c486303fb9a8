-- What the venue reported as free: less than its balance while orders lock funds, also orders that are not ours. It has
-- a time of its own, because a release that does not record it still sets reconciled_at.
ALTER TABLE trading.balances ADD COLUMN venue_free numeric(38,18), ADD COLUMN venue_free_at timestamptz;

-- When the venue last rejected a sale of the position because it had less than the order sells; null again after a fill
-- of the position. Without it, the ledger alone says how much of a position can be sold.
ALTER TABLE trading.positions ADD COLUMN exit_refused_at timestamptz;
