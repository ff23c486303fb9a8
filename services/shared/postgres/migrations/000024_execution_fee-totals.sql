-- Fees paid so far by asset: summing the postings takes longer with each of them. A trigger keeps the sums, so that
-- releases before this one count too. The postings of a stack have one writer at a time. Runs with the rights of the
-- role that migrates.
CREATE TABLE trading.fee_totals (
  stack  text           NOT NULL,
  asset  text           NOT NULL,
  amount numeric(38,18) NOT NULL,
  PRIMARY KEY (stack, asset)
);

CREATE FUNCTION trading.sum_fees() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO trading.fee_totals AS f (stack, asset, amount)
  SELECT stack, asset, sum(amount) FROM added WHERE account = 'fees' GROUP BY stack, asset ORDER BY stack, asset
  ON CONFLICT (stack, asset) DO UPDATE SET amount = f.amount + excluded.amount;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION trading.sum_fees() FROM PUBLIC;
CREATE TRIGGER postings_sum_fees AFTER INSERT ON trading.ledger_postings
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trading.sum_fees();

-- The trigger holds off inserts until the end of this migration.
INSERT INTO trading.fee_totals (stack, asset, amount)
SELECT stack, asset, sum(amount) FROM trading.ledger_postings WHERE account = 'fees' GROUP BY stack, asset;

CREATE INDEX transfers_booked ON trading.transfers (stack) WHERE booked_at IS NOT NULL;
