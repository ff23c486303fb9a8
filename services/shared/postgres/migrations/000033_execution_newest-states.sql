-- The same rows as before, each found by an index: every decision and every intent reads them, and a source that halts
-- and resumes often must not slow them down. The recursion goes from one source to the next.
CREATE INDEX halts_revision ON trading.halts (stack, source, revision);
CREATE INDEX halts_time ON trading.halts (stack, source, at);

CREATE OR REPLACE VIEW trading.trading_states AS
WITH RECURSIVE sources AS (
  (SELECT stack, source FROM trading.halts ORDER BY stack, source LIMIT 1)
  UNION ALL
  SELECT following.stack, following.source FROM sources s CROSS JOIN LATERAL (
    SELECT h.stack, h.source FROM trading.halts h WHERE (h.stack, h.source) > (s.stack, s.source) ORDER BY h.stack, h.source LIMIT 1
  ) following
)
SELECT s.stack, s.source, newest.state, newest.author, newest.reason,
  (SELECT max(h.revision) FROM trading.halts h WHERE h.stack = s.stack AND h.source = s.source) AS revision,
  least(greatest((SELECT max(h.at) FROM trading.halts h WHERE h.stack = s.stack AND h.source = s.source), 'epoch'),
    '9999-12-31 00:00:00+00') AS since
FROM sources s CROSS JOIN LATERAL (
  SELECT coalesce(h.state, CASE WHEN h.active THEN 'Halted' ELSE 'Active' END) AS state,
    left(h.author, 200) AS author, left(h.reason, 300) AS reason
  FROM trading.halts h WHERE h.stack = s.stack AND h.source = s.source ORDER BY h.id DESC LIMIT 1
) newest;
