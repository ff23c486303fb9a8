-- For trading.delete_history. No decision can be inserted while it is built.
CREATE INDEX decisions_by_time ON risk.decisions (decided_at, stack);
