-- How many orders and fills a stack has: counting the rows takes longer with each of them. Triggers keep the numbers,
-- so that releases before this one count too. Each row has one writer at a time anyway: an intent holds the fence, and
-- the note of a fill the lock of its stack. Runs with the rights of the role that migrates.
CREATE TABLE trading.record_counts (
  stack   text   NOT NULL,
  counted text   NOT NULL CHECK (counted IN ('orders', 'fills')),
  rows    bigint NOT NULL,
  PRIMARY KEY (stack, counted)
);

CREATE FUNCTION trading.count_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO trading.record_counts AS c (stack, counted, rows) SELECT stack, TG_ARGV[0], count(*) FROM added GROUP BY stack
  ON CONFLICT (stack, counted) DO UPDATE SET rows = c.rows + excluded.rows;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION trading.count_rows() FROM PUBLIC;
CREATE TRIGGER orders_count AFTER INSERT ON trading.orders
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trading.count_rows('orders');
CREATE TRIGGER trades_count AFTER INSERT ON trading.trades
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trading.count_rows('fills');
CREATE TRIGGER shared_trades_count AFTER INSERT ON trading.shared_trades
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION trading.count_rows('fills');

-- The triggers hold off inserts until the end of this migration.
INSERT INTO trading.record_counts (stack, counted, rows)
SELECT stack, 'orders', count(*) FROM trading.orders GROUP BY stack
UNION ALL SELECT stack, 'fills', count(*) FROM trading.trades GROUP BY stack;
