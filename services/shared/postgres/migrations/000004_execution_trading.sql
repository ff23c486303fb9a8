-- Who may send orders: one row a stack. Intents are inserted by a statement that holds this row FOR SHARE and matches the sender's epoch;
-- a grant raises the epoch by compare-and-set, which waits for the intents in flight.
CREATE TABLE trading.execution_fence (
  stack      text        PRIMARY KEY,
  epoch      bigint      NOT NULL CHECK (epoch >= 0),
  holder     text        NOT NULL,
  granted_at timestamptz NOT NULL
);

CREATE TABLE trading.signals (
  stack           text           NOT NULL,
  signal_id       text           NOT NULL,
  strategy        text           NOT NULL,
  symbol          text           NOT NULL,
  stance          text           NOT NULL CHECK (stance IN ('Long', 'Flat')),
  changed_at      timestamptz    NOT NULL,
  bar_close       timestamptz    NOT NULL,
  reference_price numeric(38,18) NOT NULL,
  release         text           NOT NULL,
  PRIMARY KEY (stack, signal_id)
);

-- The record of every order. A row is the intent: committed before the first byte goes to the venue.
CREATE TABLE trading.orders (
  stack           text           NOT NULL,
  client_order_id text           NOT NULL,
  decision_id     text           NOT NULL,
  strategy        text           NOT NULL,
  symbol          text           NOT NULL,
  side            text           NOT NULL CHECK (side IN ('buy', 'sell')),
  type            text           NOT NULL CHECK (type IN ('LIMIT', 'IMMEDIATE_OR_CANCEL')),
  price           numeric(38,18),
  quantity        numeric(38,18) NOT NULL CHECK (quantity > 0),
  -- Funds set aside until the order ends.
  reserved_asset  text           NOT NULL,
  reserved        numeric(38,18) NOT NULL CHECK (reserved >= 0),
  epoch           bigint         NOT NULL,
  risk_hash       text           NOT NULL,
  deadline        timestamptz    NOT NULL,
  state           text           NOT NULL CHECK (state IN ('Intended', 'Submitted', 'Open', 'PartiallyFilled', 'CancelPending', 'Unknown',
                                                           'Filled', 'Cancelled', 'Rejected', 'NeverSent')),
  venue_order_id  text,
  filled          numeric(38,18) NOT NULL DEFAULT 0 CHECK (filled >= 0),
  reason          text,
  unknown_since   timestamptz,
  intended_at     timestamptz    NOT NULL DEFAULT clock_timestamp(),
  updated_at      timestamptz    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stack, client_order_id),
  UNIQUE (stack, decision_id)
);
CREATE INDEX orders_live ON trading.orders (stack) WHERE state NOT IN ('Filled', 'Cancelled', 'Rejected', 'NeverSent');

CREATE TABLE trading.order_events (
  stack           text           NOT NULL,
  client_order_id text           NOT NULL,
  seq             integer        NOT NULL,
  state           text           NOT NULL,
  filled          numeric(38,18) NOT NULL,
  reason          text,
  epoch           bigint         NOT NULL,
  at              timestamptz    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stack, client_order_id, seq),
  FOREIGN KEY (stack, client_order_id) REFERENCES trading.orders
);

-- Fills, unique by the venue's trade id whichever way they were learnt.
CREATE TABLE trading.trades (
  stack           text           NOT NULL,
  venue_trade_id  text           NOT NULL,
  venue_order_id  text           NOT NULL,
  client_order_id text           NOT NULL,
  symbol          text           NOT NULL,
  side            text           NOT NULL CHECK (side IN ('buy', 'sell')),
  price           numeric(38,18) NOT NULL,
  quantity        numeric(38,18) NOT NULL,
  fee             numeric(38,18) NOT NULL,
  fee_asset       text           NOT NULL,
  maker           boolean        NOT NULL,
  traded_at       timestamptz    NOT NULL,
  PRIMARY KEY (stack, symbol, venue_trade_id),
  FOREIGN KEY (stack, client_order_id) REFERENCES trading.orders
);

CREATE TABLE trading.positions (
  stack      text           NOT NULL,
  strategy   text           NOT NULL,
  symbol     text           NOT NULL,
  quantity   numeric(38,18) NOT NULL,
  cost       numeric(38,18) NOT NULL,
  realised   numeric(38,18) NOT NULL,
  updated_at timestamptz    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stack, strategy, symbol)
);

-- What the ledger says the venue holds, and what the venue said when last asked.
CREATE TABLE trading.balances (
  stack         text           NOT NULL,
  asset         text           NOT NULL,
  ledger        numeric(38,18) NOT NULL,
  venue         numeric(38,18),
  reconciled_at timestamptz,
  PRIMARY KEY (stack, asset)
);

-- Double entry: the postings of one event sum to zero per asset.
CREATE TABLE trading.ledger_postings (
  stack    text           NOT NULL,
  event_id text           NOT NULL,
  line     integer        NOT NULL,
  account  text           NOT NULL CHECK (account IN ('venue', 'trading', 'fees', 'external')),
  asset    text           NOT NULL,
  amount   numeric(38,18) NOT NULL,
  at       timestamptz    NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stack, event_id, line)
);

CREATE TABLE trading.portfolio_snapshots (
  stack     text           NOT NULL,
  at        timestamptz    NOT NULL,
  symbol    text           NOT NULL,
  quantity  numeric(38,18) NOT NULL,
  mark      numeric(38,18) NOT NULL,
  realised  numeric(38,18) NOT NULL,
  unrealised numeric(38,18) NOT NULL,
  PRIMARY KEY (stack, symbol, at)
);

-- Append-only; the newest row of a source counts, and the most restrictive source wins.
CREATE TABLE trading.halts (
  id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stack  text        NOT NULL,
  source text        NOT NULL,
  active boolean     NOT NULL,
  reason text        NOT NULL,
  at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX halts_newest ON trading.halts (stack, source, id DESC);

-- Orders at the venue that carry no id of ours: kept apart, alarmed, never touched.
CREATE TABLE trading.quarantine (
  stack          text        NOT NULL,
  venue_order_id text        NOT NULL,
  symbol         text        NOT NULL,
  detail         jsonb       NOT NULL,
  seen_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (stack, venue_order_id)
);

-- Messages to publish after the commit; the id becomes the stream entry's id, so a repeated publication is refused by Redis.
CREATE TABLE trading.outbox (
  id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stack        text        NOT NULL,
  stream       text        NOT NULL,
  payload      jsonb       NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  published_at timestamptz
);
CREATE INDEX outbox_unpublished ON trading.outbox (id) WHERE published_at IS NULL;
