-- Trading states. trading.halts stays the append-only history of what each source asked for. Releases before this migration write and read `active`
-- alone: a restriction of any kind is active, which they obey as a halt. A person may insert (stack, source, active, reason); the rest has defaults.
UPDATE trading.halts SET source = left('by-' || regexp_replace(lower(source), '[^a-z0-9]+', '-', 'g'), 40)
WHERE source !~ '^[a-z][a-z0-9-]{0,39}$';
ALTER TABLE trading.halts
  ADD COLUMN state text CONSTRAINT halts_state_known CHECK (state IN ('Active', 'Reducing', 'Flattening', 'Halted')),
  ADD COLUMN author text NOT NULL DEFAULT '',
  ADD COLUMN revision bigint NOT NULL DEFAULT 0 CONSTRAINT halts_revision_range CHECK (revision BETWEEN 0 AND 9007199254740991),
  ADD CONSTRAINT halts_source_form CHECK (source ~ '^[a-z][a-z0-9-]{0,39}$'),
  ADD CONSTRAINT halts_active_agrees CHECK (state IS NULL OR active = (state <> 'Active'));

-- The newest row of each source, with the state that an older release or a person left to `active`. Texts are cut to what services report of them: a
-- long reason must not make a halt unreadable. The revision is the highest of the source: a row by hand, which has none, is not lifted by an old command.
CREATE VIEW trading.trading_states AS
SELECT DISTINCT ON (stack, source) stack, source, coalesce(state, CASE WHEN active THEN 'Halted' ELSE 'Active' END) AS state,
  left(author, 200) AS author, left(reason, 300) AS reason, max(revision) OVER (PARTITION BY stack, source) AS revision, at AS since
FROM trading.halts
ORDER BY stack, source, id DESC;

-- The effective state stands on the row that every intent locks: the statement of an intent and a halt wait for each other, and after the commit of a
-- halt no entry can commit. `commits` counts the intents that were committed under the fence; it is lower than before only where the database lost one.
ALTER TABLE trading.execution_fence
  ADD COLUMN trading_state text NOT NULL DEFAULT 'Active' CHECK (trading_state IN ('Active', 'Reducing', 'Flattening', 'Halted')),
  ADD COLUMN commits bigint NOT NULL DEFAULT 0 CHECK (commits >= 0);

-- Runs with the rights of the role that migrates, because whoever may insert a halt may not write the fence. Two statements: the first waits for the
-- intents and halts that hold the row, and only the snapshot of the second has what they committed.
CREATE FUNCTION trading.apply_trading_state(of_stack text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO trading.execution_fence AS f (stack, epoch, holder, granted_at) VALUES (of_stack, 0, '', clock_timestamp())
  ON CONFLICT (stack) DO UPDATE SET trading_state = f.trading_state;
  UPDATE trading.execution_fence SET trading_state = coalesce(
    (SELECT s.state FROM trading.trading_states s WHERE s.stack = of_stack
     ORDER BY array_position(ARRAY['Active', 'Reducing', 'Flattening', 'Halted'], s.state) DESC LIMIT 1), 'Active')
  WHERE stack = of_stack;
  PERFORM pg_notify('trading_state', of_stack);
END $$;
REVOKE ALL ON FUNCTION trading.apply_trading_state(text) FROM PUBLIC;

CREATE FUNCTION trading.on_halt() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM trading.apply_trading_state(coalesce(NEW.stack, OLD.stack));
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION trading.on_halt() FROM PUBLIC;
CREATE TRIGGER halts_apply AFTER INSERT OR UPDATE OR DELETE ON trading.halts FOR EACH ROW EXECUTE FUNCTION trading.on_halt();

SELECT trading.apply_trading_state(stack) FROM (SELECT DISTINCT stack FROM trading.halts) AS known;
