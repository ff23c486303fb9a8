-- The stop of each position whose strategy has stops. Before the trigger: since when the position is held, and its
-- highest price. After the trigger (`kind` is set): the position is left until it is flat, and no stance that began
-- before opens one. Risk deletes the row when the position closes without a trigger, and when it approves an entry.
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
