-- Resting buys that stand in the way of an exit: risk asks, and execution cancels them. The symbol is kept because
-- risk lets no entry of it follow for a moment, also after the order has ended. A row is never changed; risk deletes
-- those of ended orders when it adds others.
CREATE TABLE risk.cancel_requests (
  client_order_id text        NOT NULL,
  stack           text        NOT NULL,
  symbol          text        NOT NULL,
  reason          text        NOT NULL CHECK (reason IN ('Leaving', 'SelfTrade')),
  requested_at    timestamptz NOT NULL,
  PRIMARY KEY (client_order_id, stack)
);
CREATE INDEX cancel_requests_by_stack ON risk.cancel_requests (stack);
-- Risk reads them in the statement of the account. The job of an earlier release, of a stack that goes back or of
-- another stack, revokes the rights of all roles and grants those that it knows: without this one, risk could leave no
-- position.
GRANT SELECT ON risk.cancel_requests TO PUBLIC;
