-- Post-only and fill-or-kill orders. The rows that exist satisfied a narrower check, so none needs to be read.
ALTER TABLE trading.orders
  DROP CONSTRAINT orders_type_check,
  ADD CONSTRAINT orders_type_known CHECK (type IN ('LIMIT', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL')) NOT VALID;
