-- A row by hand may have any time, and the clock of the server may step back. The time of a source never decreases, so
-- that its lift always follows its halt, and it is always one that the services can read.
CREATE OR REPLACE VIEW trading.trading_states AS
SELECT DISTINCT ON (stack, source) stack, source, coalesce(state, CASE WHEN active THEN 'Halted' ELSE 'Active' END) AS state,
  left(author, 200) AS author, left(reason, 300) AS reason, max(revision) OVER (PARTITION BY stack, source) AS revision,
  least(greatest(max(at) OVER (PARTITION BY stack, source), 'epoch'), '9999-12-31 00:00:00+00') AS since
FROM trading.halts
ORDER BY stack, source, id DESC;

-- A halt is never refused, but one with the name of no stack stops none: say so. The fence has a row of every stack
-- that has had a sender.
CREATE FUNCTION trading.warn_unknown_stack() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM trading.execution_fence WHERE stack = NEW.stack AND epoch > 0) THEN
    RAISE WARNING 'stack % has never had a sender here', NEW.stack USING HINT = coalesce(
      (SELECT 'Stacks that had one: ' || string_agg(stack, ', ' ORDER BY stack) FROM trading.execution_fence WHERE epoch > 0), 'No stack had one.');
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION trading.warn_unknown_stack() FROM PUBLIC;
CREATE TRIGGER halts_warn BEFORE INSERT ON trading.halts FOR EACH ROW EXECUTE FUNCTION trading.warn_unknown_stack();
