-- For trading.delete_history, which must not walk over the history of other stacks: that of a deleted stack stays for
-- ever. `stack || ''` keeps all other statements from these indexes: in a plan that a session made when the tables were
-- empty, the hot path would read all rows of a stack with one.
CREATE INDEX signals_of_stack ON trading.signals ((stack || ''), bar_close);
CREATE INDEX portfolio_snapshots_of_stack ON trading.portfolio_snapshots ((stack || ''), at);
CREATE INDEX halts_of_stack ON trading.halts ((stack || ''), at);
CREATE INDEX quarantine_of_stack ON trading.quarantine ((stack || ''), seen_at);
CREATE INDEX dead_letters_of_stack ON trading.dead_letters ((stack || ''), cleared_at) WHERE cleared_at IS NOT NULL;
