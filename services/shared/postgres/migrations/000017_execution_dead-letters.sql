-- What execution could not process: a fill, an observation of an order, a row or an approval, with its payload and the
-- reason. It is open until the same thing is processed, or a person sets cleared_at.
CREATE TABLE trading.dead_letters (
  stack      text        NOT NULL,
  kind       text        NOT NULL,
  id         text        NOT NULL,
  symbol     text        NOT NULL,
  payload    jsonb       NOT NULL,
  problem    text        NOT NULL,
  seen_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  cleared_at timestamptz,
  PRIMARY KEY (stack, kind, id)
);
CREATE INDEX dead_letters_open ON trading.dead_letters (stack) WHERE cleared_at IS NULL;
