-- The check of a foreign key to an order looks for (stack, client_order_id), with a plan that its session made when the table was empty. With an index that
-- begins with the stack, that plan read every order of the stack: an intent took longer with each order before it.
ALTER TABLE trading.orders ADD CONSTRAINT orders_decision_once UNIQUE (decision_id, stack);
ALTER TABLE trading.orders DROP CONSTRAINT orders_stack_decision_id_key;
