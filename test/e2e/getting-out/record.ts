import { readFileSync } from 'node:fs';
import { stackStatus, type Halting } from '../halt/trading-state.ts';
import { query } from '../trading.ts';
import { until } from '../until.ts';

/** Guards against hanging only, on a machine that other tests load. */
const WITHIN = { withinMs: 120_000, everyMs: 250 };

/** Waits until a strategy holds something, and all positions have cost at least so much, in the quote currency. */
export async function untilHeld(
  stack: Halting,
  strategy: string,
  { cost = 0, withinMs = WITHIN.withinMs }: { readonly cost?: number; readonly withinMs?: number } = {},
): Promise<void> {
  const isEnough = (held: Holding) => held.quantity > 0 && held.cost >= cost;
  await untilHolding(stack, strategy, {
    what: `hold a position, and all to cost at least ${cost}`,
    isEnough,
    withinMs,
  });
}

/** Waits until a strategy holds nothing. */
export async function untilFlat(stack: Halting, strategy: string): Promise<void> {
  const isEnough = ({ quantity }: Holding) => quantity === 0;
  await untilHolding(stack, strategy, { what: 'be flat', isEnough, withinMs: WITHIN.withinMs });
}

interface Holding {
  readonly quantity: number;
  /** Of the positions of all strategies. */
  readonly cost: number;
}

interface Wanted {
  readonly what: string;
  readonly isEnough: (holding: Holding) => boolean;
  readonly withinMs: number;
}

async function untilHolding(stack: Halting, strategy: string, { what, isEnough, withinMs }: Wanted): Promise<void> {
  const { kubectl, place } = stack;
  const sql = `SELECT coalesce(sum(quantity) FILTER (WHERE strategy = '${strategy}'), 0)::float8 AS quantity,
    coalesce(sum(cost), 0)::float8 AS cost FROM trading.positions WHERE stack = '${place.id}'`;
  await until(
    `${strategy} to ${what}`,
    async () => {
      const [held = { quantity: 0, cost: 0 }] = await query<Holding>(kubectl, place, sql);
      if (isEnough(held)) return true;
      throw new Error(`it holds ${held.quantity}, and all cost ${held.cost}; ${await lastDecisions(stack, strategy)}`);
    },
    { ...WITHIN, withinMs },
  );
}

/** Says why a strategy holds something or nothing: the last decisions about it, oldest first. */
async function lastDecisions(stack: Halting, strategy: string): Promise<string> {
  const decisions = await decisionsSince(stack, strategy, Date.now() - 2 * WITHIN.withinMs);
  const seen = decisions
    .slice(-5)
    .map(({ at_ms: atMs, side, code }) => `${new Date(atMs).toISOString()} ${side} ${code}`);
  return `last decisions: ${seen.join(', ') || 'none'}`;
}

/** A decision of risk, with its time in UTC milliseconds. */
export interface DecisionRow {
  readonly decision_id: string;
  readonly approved: boolean;
  readonly code: string;
  readonly side: string | null;
  readonly stop: string | null;
  readonly at_ms: number;
}

/** Returns the decisions about a strategy since a time in UTC milliseconds, oldest first. */
export async function decisionsSince(
  { kubectl, place }: Halting,
  strategy: string,
  sinceMs: number,
): Promise<readonly DecisionRow[]> {
  const sql = `SELECT decision_id, approved, code, approved_order->>'side' AS side, inputs->>'stop' AS stop,
      floor(extract(epoch FROM decided_at) * 1000)::float8 AS at_ms
    FROM risk.decisions
    WHERE stack = '${place.id}' AND strategy = '${strategy}' AND decided_at >= to_timestamp(${sinceMs} / 1000.0)
    ORDER BY decided_at`;
  return await query<DecisionRow>(kubectl, place, sql);
}

/** Waits until risk has refused an entry of a strategy with one of the codes since a time in UTC milliseconds. */
export async function untilRefusedWith(
  stack: Halting,
  strategy: string,
  { codes, sinceMs }: { readonly codes: readonly string[]; readonly sinceMs: number },
): Promise<DecisionRow> {
  return await until(
    `an entry of ${strategy} to be refused with ${codes.join(' or ')}`,
    async () => {
      const decisions = await decisionsSince(stack, strategy, sinceMs);
      const found = decisions.find(({ approved, code }) => !approved && codes.includes(code));
      if (found === undefined) throw new Error(`codes: ${[...new Set(decisions.map(({ code }) => code))].join(', ')}`);
      return found;
    },
    WITHIN,
  );
}

/** Waits until a condition or the column BLOCKED-BY of the stack says something. Returns the part that matches. */
export async function untilStatusSays(stack: Halting, wanted: RegExp): Promise<string> {
  return await until(
    `the status to say ${wanted}`,
    async () => {
      const { status } = await stackStatus(stack);
      const conditions = (status.conditions ?? []).map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
      const text = [`${status.phase}: ${status.blockedBy}`, ...conditions].join('\n');
      const [found] = wanted.exec(text) ?? [];
      if (found === undefined) throw new Error(text);
      return found;
    },
    WITHIN,
  );
}

/** Waits until the first row of a query has a value. */
export async function untilRow<T>({ kubectl, place }: Halting, what: string, sql: string): Promise<T> {
  return await until(what, async () => (await query<T>(kubectl, place, sql))[0], WITHIN);
}

const RUNBOOK = new URL('../../../docs/runbook.md', import.meta.url);
const EXAMPLE_STACK = 'demo-1a2b3c4d';

/** Runs the statement of the runbook that begins with `start`, as a person would: for this stack. */
export async function runByRunbook({ kubectl, place }: Halting, start: string): Promise<void> {
  const found = [...readFileSync(RUNBOOK, 'utf8').matchAll(/^ *psql (.*) -c "([^"]+)"$/gm)].find(([, , sql]) =>
    sql?.startsWith(start),
  );
  const [, options, sql] = found ?? [];
  if (options === undefined || sql === undefined) throw new Error(`the runbook has no statement ${start}`);
  if (!sql.includes(`'${EXAMPLE_STACK}'`)) throw new Error(`${sql} names no ${EXAMPLE_STACK}`);
  const psql = ['psql', ...options.split(' '), '-c', sql.replaceAll(EXAMPLE_STACK, place.id)];
  await kubectl.run('-n', place.namespace, 'exec', 'postgres-0', '-c', 'postgres', '--', ...psql);
}
