-- One decision a signal, whoever decides it and however often it is delivered. `approved_order` is the message of orders.approved;
-- `inputs` is what the checks saw.
CREATE TABLE risk.decisions (
  stack           text        NOT NULL,
  decision_id     text        NOT NULL,
  strategy        text        NOT NULL,
  symbol          text        NOT NULL,
  approved        boolean     NOT NULL,
  code            text        NOT NULL,
  detail          text        NOT NULL,
  inputs          jsonb       NOT NULL,
  client_order_id text,
  approved_order  jsonb,
  deadline        timestamptz,
  release         text        NOT NULL,
  decided_at      timestamptz NOT NULL,
  PRIMARY KEY (stack, decision_id),
  UNIQUE (stack, client_order_id),
  CHECK (approved = (approved_order IS NOT NULL)),
  CHECK (approved = (client_order_id IS NOT NULL)),
  CHECK (approved = (deadline IS NOT NULL))
);
CREATE INDEX decisions_approved ON risk.decisions (stack, decided_at) WHERE approved;
