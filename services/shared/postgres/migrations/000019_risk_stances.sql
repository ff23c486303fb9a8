-- The newest stance that risk accepted of each strategy and symbol. It decides which signals are superseded, whichever
-- process reads them, and which positions should be left. Written in the transaction that decides the signal.
CREATE TABLE risk.stances (
  stack      text        NOT NULL,
  strategy   text        NOT NULL,
  symbol     text        NOT NULL,
  stance     text        NOT NULL CHECK (stance IN ('Long', 'Flat')),
  bar_close  timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (stack, strategy, symbol)
);
