-- Trades of the account that the stack did not make, and that a person books. Execution books each row once, like a
-- fill of the strategy: position, postings `manual:<id>` and balances, and sets booked_at. A row that cannot be booked
-- is set apart in trading.dead_letters. A booked row stays; a wrong one is reversed by one with the other side.
CREATE TABLE trading.manual_trades (
  id        bigint         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stack     text           NOT NULL,
  strategy  text           NOT NULL CONSTRAINT manual_trades_strategy_form CHECK (strategy ~ '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$'),
  symbol    text           NOT NULL CONSTRAINT manual_trades_symbol_form CHECK (symbol ~ '^[A-Z0-9]{1,20}/[A-Z0-9]{1,20}$'),
  side      text           NOT NULL CONSTRAINT manual_trades_side_form CHECK (side IN ('buy', 'sell')),
  quantity  numeric(38,18) NOT NULL CONSTRAINT manual_trades_quantity_range CHECK (quantity > 0 AND quantity <= 1e15),
  price     numeric(38,18) NOT NULL CONSTRAINT manual_trades_price_range CHECK (price > 0 AND price <= 1e15),
  fee       numeric(38,18) NOT NULL DEFAULT 0 CONSTRAINT manual_trades_fee_range CHECK (fee BETWEEN 0 AND 1e15),
  -- NULL: the quote asset.
  fee_asset text           CONSTRAINT manual_trades_fee_asset_form CHECK (fee_asset ~ '^[A-Z0-9]{1,20}$'),
  author    text           NOT NULL CONSTRAINT manual_trades_author_given CHECK (author ~ '\S' AND length(author) <= 200),
  reason    text           NOT NULL CONSTRAINT manual_trades_reason_given CHECK (reason ~ '\S' AND length(reason) <= 300),
  traded_at timestamptz    NOT NULL DEFAULT clock_timestamp(),
  booked_at timestamptz
);
CREATE INDEX manual_trades_unbooked ON trading.manual_trades (stack, id) WHERE booked_at IS NULL;
CREATE TRIGGER manual_trades_warn BEFORE INSERT ON trading.manual_trades FOR EACH ROW EXECUTE FUNCTION trading.warn_unknown_stack();
