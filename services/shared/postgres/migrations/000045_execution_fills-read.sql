-- How far the fills at the venue are read, by its clock: every older fill of this stack is booked or set apart. The
-- newest recorded trade does not say that, because the private stream records newer fills while older ones are missing.
CREATE TABLE trading.fills_read (
  stack   text        NOT NULL,
  symbol  text        NOT NULL,
  read_to timestamptz NOT NULL,
  PRIMARY KEY (stack, symbol)
);
