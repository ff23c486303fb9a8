-- Approvals without an order, one row each until the order is inserted. Looking for the order of each approval took
-- longer with each approval of the last minutes, in every decision of risk. Triggers keep the rows, so that releases
-- before this one keep them too. They run with the rights of the role that migrates.
--
-- A session may keep a plan that it made when the tables were empty. With a key that begins with the stack, such a plan
-- read every decision of the stack; with these, it looks the decision up.
ALTER TABLE risk.decisions DROP CONSTRAINT decisions_pkey, ADD CONSTRAINT decisions_pkey PRIMARY KEY (decision_id, stack);
ALTER TABLE risk.decisions DROP CONSTRAINT decisions_stack_client_order_id_key,
  ADD CONSTRAINT decisions_order_once UNIQUE (client_order_id, stack);

CREATE TABLE risk.waiting (
  stack       text NOT NULL,
  decision_id text NOT NULL,
  PRIMARY KEY (stack, decision_id),
  FOREIGN KEY (decision_id, stack) REFERENCES risk.decisions (decision_id, stack) ON DELETE CASCADE
);

-- An order may be older than its decision: one that was adopted after the database lost the decision. `o.stack || ''`
-- keeps the planner from an index that begins with the stack, for the reason above.
CREATE FUNCTION risk.begin_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO risk.waiting (stack, decision_id)
  SELECT a.stack, a.decision_id FROM added a
  WHERE a.approved AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.decision_id = a.decision_id AND o.stack || '' = a.stack);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION risk.begin_waiting() FROM PUBLIC;

CREATE FUNCTION risk.end_waiting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM risk.waiting w USING added a WHERE w.stack = a.stack AND w.decision_id = a.decision_id;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION risk.end_waiting() FROM PUBLIC;

CREATE TRIGGER decisions_wait AFTER INSERT ON risk.decisions
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION risk.begin_waiting();
CREATE TRIGGER orders_end_waiting AFTER INSERT ON trading.orders
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION risk.end_waiting();

-- The triggers hold off inserts until the end of this migration.
INSERT INTO risk.waiting (stack, decision_id)
SELECT d.stack, d.decision_id FROM risk.decisions d
WHERE d.approved AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id);

-- OFFSET 0 makes the planner look up the decision of each row, whatever it assumes of the sizes of the tables.
CREATE OR REPLACE VIEW risk.open_approvals AS
SELECT w.stack, w.decision_id, d.approved_order, d.deadline, d.decided_at
FROM risk.waiting w CROSS JOIN LATERAL (
  SELECT approved_order, deadline, decided_at FROM risk.decisions
  WHERE decision_id = w.decision_id AND stack = w.stack OFFSET 0) d;

-- Only the view looked for approvals by their deadline.
DROP INDEX risk.decisions_by_deadline;
