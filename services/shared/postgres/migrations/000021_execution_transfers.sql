-- Transfers of money into or out of the account that a person books: positive amounts are deposits. Execution posts
-- each row once and sets booked_at, unless it does not know the asset. The posting `transfer:<id>` stays; a wrong row
-- is reversed by one with the other sign.
CREATE TABLE trading.transfers (
  id           bigint         GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stack        text           NOT NULL,
  asset        text           NOT NULL CONSTRAINT transfers_asset_form CHECK (asset ~ '^[A-Z0-9]{1,20}$'),
  amount       numeric(38,18) NOT NULL CONSTRAINT transfers_amount_range CHECK (amount <> 0 AND amount BETWEEN -1e15 AND 1e15),
  author       text           NOT NULL CONSTRAINT transfers_author_given CHECK (author ~ '\S' AND length(author) <= 200),
  reason       text           NOT NULL CONSTRAINT transfers_reason_given CHECK (reason ~ '\S' AND length(reason) <= 300),
  requested_at timestamptz    NOT NULL DEFAULT clock_timestamp(),
  booked_at    timestamptz
);
CREATE INDEX transfers_unbooked ON trading.transfers (stack, id) WHERE booked_at IS NULL;
CREATE TRIGGER transfers_warn BEFORE INSERT ON trading.transfers FOR EACH ROW EXECUTE FUNCTION trading.warn_unknown_stack();
