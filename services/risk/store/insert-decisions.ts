import type { Queryable } from '../../shared/postgres/pool.ts';
import type { RecordedDecision } from '../core/rulings.ts';
import type { Moment, Subject } from '../ports.ts';

/**
 * $1 stack, $2 release, $3 decided at; one array per column: $4 decision ID, $5 strategy, $6 symbol, $7 code, $8
 * detail, $9 inputs, $10 order or null.
 */
const INSERT_DECISIONS = `
INSERT INTO risk.decisions (stack, decision_id, strategy, symbol, approved, code, detail, inputs, client_order_id, approved_order, deadline, release, decided_at)
SELECT $1, decision_id, strategy, symbol, approved_order IS NOT NULL, code, detail, inputs::jsonb, approved_order ->> 'clientOrderId', approved_order,
  to_timestamp((approved_order ->> 'deadline')::numeric / 1000), $2, $3
FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::jsonb[])
  AS d (decision_id, strategy, symbol, code, detail, inputs, approved_order)
`;

export type DecisionRow = Subject & RecordedDecision;

/** Inserts decisions. The primary key rejects a second decision of the same signal, and all others with it. */
export async function insertDecisions(
  on: Queryable,
  { stack, release, nowMs }: Moment,
  rows: readonly DecisionRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const values = [
    stack,
    release,
    new Date(nowMs),
    rows.map(({ decisionId }) => decisionId),
    rows.map(({ strategy }) => strategy),
    rows.map(({ symbol }) => symbol),
    rows.map(({ code }) => code),
    rows.map(({ detail }) => detail),
    rows.map(({ inputs }) => JSON.stringify(inputs)),
    rows.map(({ order }) => (order === undefined ? null : JSON.stringify(order))),
  ];
  await on.query({ name: 'insert-decisions', text: INSERT_DECISIONS, values });
}
