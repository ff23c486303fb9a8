-- Approvals without an order: committed by risk, not yet taken up by execution. Past its deadline an approval is still open until it has ended.
CREATE VIEW risk.open_approvals AS
SELECT d.stack, d.decision_id, d.approved_order, d.deadline, d.decided_at
FROM risk.decisions d
WHERE d.approved
  AND NOT EXISTS (SELECT FROM trading.orders o WHERE o.stack = d.stack AND o.decision_id = d.decision_id);
