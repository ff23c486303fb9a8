-- Fees that the baselines of loss and drawdown contain, by asset. Only a fee since then in an asset without a price
-- makes the equity unknown. A release before this column leaves it as it is.
ALTER TABLE risk.equity ADD COLUMN fees jsonb NOT NULL DEFAULT '{}';

-- An approved entry ends the row of an earlier position only. A further order of an entry that holds something already
-- keeps it, and so does every entry whose stance is not newer than the trigger: it may have been approved on an account
-- that was read before the trigger. Decisions are inserted after the stance and the count of its entries. Times that a
-- person inserted have microseconds, which risk does not see.
CREATE OR REPLACE FUNCTION risk.end_stop() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  wanted risk.stances;
BEGIN
  SELECT * INTO wanted FROM risk.stances WHERE stack = NEW.stack AND strategy = NEW.strategy AND symbol = NEW.symbol;
  DELETE FROM risk.stops s
  WHERE s.stack = NEW.stack AND s.strategy = NEW.strategy AND s.symbol = NEW.symbol AND CASE WHEN s.triggered_at IS NULL
    THEN (wanted.entry_count = 1 AND date_trunc('milliseconds', wanted.entry_changed_at) = date_trunc('milliseconds', wanted.changed_at)) IS TRUE
      OR NOT EXISTS (SELECT FROM trading.positions p
        WHERE p.stack = NEW.stack AND p.strategy = NEW.strategy AND p.symbol = NEW.symbol AND p.quantity > 0)
    ELSE (date_trunc('milliseconds', wanted.changed_at) > date_trunc('milliseconds', s.triggered_at)) IS TRUE END;
  RETURN NULL;
END $$;
