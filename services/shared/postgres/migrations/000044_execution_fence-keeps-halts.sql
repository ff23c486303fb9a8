-- trading.trading_states shows the states of stacks that have a fence, and an intent matches the state on its row.
-- Neither may forget a halt because the row was deleted, or made again.
CREATE FUNCTION trading.on_fence_row() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE of_stack text := coalesce(NEW.stack, OLD.stack);
BEGIN
  IF EXISTS (SELECT FROM trading.halts h WHERE h.stack = of_stack) THEN PERFORM trading.apply_trading_state(of_stack); END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION trading.on_fence_row() FROM PUBLIC;
CREATE TRIGGER fence_keeps_halts AFTER INSERT OR DELETE ON trading.execution_fence FOR EACH ROW EXECUTE FUNCTION trading.on_fence_row();

-- A fence that was made again since migration 36 may be Active beside a halt.
SELECT trading.apply_trading_state(stack) FROM (SELECT DISTINCT stack FROM trading.halts) AS known;
