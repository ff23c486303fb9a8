-- Post-only and fill-or-kill orders. The rows that exist satisfied a narrower check, so none needs to be read.
ALTER TABLE trading.orders
  DROP CONSTRAINT orders_type_check,
  ADD CONSTRAINT orders_type_known CHECK (type IN ('LIMIT', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL')) NOT VALID,
  -- When a resting entry is cancelled because the market has left it behind: {"above": price, "fromMs": , "untilMs": }.
  ADD COLUMN requote jsonb;

-- The approved entries of the newest stance, so that a restart neither forgets nor repeats one. They count only while
-- entry_changed_at is the changed_at of the row: a release before them changes the stance and leaves them as they are.
ALTER TABLE risk.stances
  ADD COLUMN entry_changed_at timestamptz,
  ADD COLUMN entry_count      integer CHECK (entry_count > 0),
  ADD COLUMN entry_at         timestamptz,
  ADD COLUMN entry_quantity   numeric(38,18) CHECK (entry_quantity > 0);
