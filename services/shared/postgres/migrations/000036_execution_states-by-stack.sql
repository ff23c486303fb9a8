-- The same rows as before, but the states of one stack are found without those of all others: stacks that were deleted
-- leave theirs, and every decision and every intent paid for each of them. The fence has a row of every stack that has
-- states, because the trigger that applies a state inserts it.
CREATE OR REPLACE VIEW trading.trading_states AS
SELECT f.stack, s.source, newest.state, newest.author, newest.reason,
  (SELECT max(h.revision) FROM trading.halts h WHERE h.stack = f.stack AND h.source = s.source) AS revision,
  least(greatest((SELECT max(h.at) FROM trading.halts h WHERE h.stack = f.stack AND h.source = s.source), 'epoch'),
    '9999-12-31 00:00:00+00') AS since
FROM trading.execution_fence f
CROSS JOIN LATERAL (
  WITH RECURSIVE sources AS (
    (SELECT h.source FROM trading.halts h WHERE h.stack = f.stack ORDER BY h.source LIMIT 1)
    UNION ALL
    SELECT following.source FROM sources p CROSS JOIN LATERAL (
      SELECT h.source FROM trading.halts h WHERE h.stack = f.stack AND h.source > p.source ORDER BY h.source LIMIT 1
    ) following
  )
  SELECT source FROM sources
) s
CROSS JOIN LATERAL (
  SELECT coalesce(h.state, CASE WHEN h.active THEN 'Halted' ELSE 'Active' END) AS state,
    left(h.author, 200) AS author, left(h.reason, 300) AS reason
  FROM trading.halts h WHERE h.stack = f.stack AND h.source = s.source ORDER BY h.id DESC LIMIT 1
) newest;

-- A state must not be hidden because somebody deleted the row of the fence.
SELECT trading.apply_trading_state(stack) FROM (SELECT DISTINCT stack FROM trading.halts) AS known
WHERE NOT EXISTS (SELECT FROM trading.execution_fence f WHERE f.stack = known.stack);
