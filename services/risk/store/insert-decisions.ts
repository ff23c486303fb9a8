import type { Queryable } from '../../shared/postgres/pool.ts';
import type { Question, RecordedDecision } from '../ports.ts';

/**
 * $1 stack, $2 decision ID, $3 strategy, $4 symbol, $5 code, $6 detail, $7 inputs, $8 order or null, $9 release,
 * $10 decided at.
 */
const INSERT_DECISION = `
INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
VALUES ($1, $2, $3, $4, $8::jsonb IS NOT NULL, $5, $6, $7::jsonb, $8::jsonb ->> 'clientOrderId', $8::jsonb,
  to_timestamp(($8::jsonb ->> 'deadline')::numeric / 1000), $9, $10)
`;

interface DecisionRow extends Omit<Question, 'nowMs'>, RecordedDecision {
  readonly decidedAtMs: number;
}

/** Inserts a decision. The primary key rejects a second decision of the same signal. */
export async function insertDecision(on: Queryable, row: DecisionRow): Promise<void> {
  await on.query(INSERT_DECISION, [
    row.stack,
    row.decisionId,
    row.strategy,
    row.symbol,
    row.code,
    row.detail,
    JSON.stringify(row.inputs),
    row.order === undefined ? null : JSON.stringify(row.order),
    row.release,
    new Date(row.decidedAtMs),
  ]);
}
