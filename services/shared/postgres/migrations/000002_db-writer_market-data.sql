-- Public trades as ws published them. MEXC gives trades no id: a producer's run and its sequence number tell them apart.
CREATE TABLE market_data.trades (
  symbol      text           NOT NULL,
  producer    text           NOT NULL,
  seq         bigint         NOT NULL,
  price       numeric(38,18) NOT NULL CHECK (price > 0),
  quantity    numeric(38,18) NOT NULL CHECK (quantity > 0),
  taker_side  text           NOT NULL CHECK (taker_side IN ('buy', 'sell')),
  traded_at   timestamptz    NOT NULL,
  received_at timestamptz    NOT NULL,
  PRIMARY KEY (symbol, producer, seq)
);
CREATE INDEX trades_by_time ON market_data.trades (symbol, traded_at);

-- The top of the book, sampled.
CREATE TABLE market_data.books (
  symbol       text           NOT NULL,
  producer     text           NOT NULL,
  seq          bigint         NOT NULL,
  version      numeric(20,0)  NOT NULL,
  bid_price    numeric(38,18),
  bid_quantity numeric(38,18),
  ask_price    numeric(38,18),
  ask_quantity numeric(38,18),
  booked_at    timestamptz    NOT NULL,
  received_at  timestamptz    NOT NULL,
  PRIMARY KEY (symbol, producer, seq)
);
CREATE INDEX books_by_time ON market_data.books (symbol, booked_at);
