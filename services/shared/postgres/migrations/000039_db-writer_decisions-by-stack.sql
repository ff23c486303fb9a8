-- For trading.delete_history, like the indexes of the migration before. No decision can be inserted while it is built.
CREATE INDEX decisions_of_stack ON risk.decisions ((stack || ''), decided_at);
