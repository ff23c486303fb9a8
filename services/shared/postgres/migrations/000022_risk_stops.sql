-- The stop of each position whose strategy has stops. Before the trigger: since when the position is held, and its
-- highest price. After the trigger (`kind` is set): the position is left until it is flat, and no stance that began
-- before opens one. Risk deletes the row when the position closes without a trigger.
CREATE TABLE risk.stops (
  stack         text        NOT NULL,
  strategy      text        NOT NULL,
  symbol        text        NOT NULL,
  opened_at     timestamptz NOT NULL,
  high_price    numeric(38,18) CHECK (high_price > 0),
  kind          text CHECK (kind IN ('StopLoss', 'TrailingStop', 'TakeProfit', 'MaxHolding')),
  trigger_price numeric(38,18),
  trigger_bid   numeric(38,18),
  entry_price   numeric(38,18),
  triggered_at  timestamptz,
  PRIMARY KEY (stack, strategy, symbol),
  CHECK ((kind IS NULL) = (triggered_at IS NULL))
);

-- An approved entry opens a new position, and the row of an earlier one must not trigger anything there. A trigger of
-- the database deletes it, because a release before this migration approves entries too, after a rollback.
CREATE FUNCTION risk.end_stop() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM risk.stops WHERE stack = NEW.stack AND strategy = NEW.strategy AND symbol = NEW.symbol;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION risk.end_stop() FROM PUBLIC;
CREATE TRIGGER decisions_end_stop AFTER INSERT ON risk.decisions FOR EACH ROW
  WHEN (NEW.approved AND NEW.approved_order ->> 'side' = 'buy') EXECUTE FUNCTION risk.end_stop();
