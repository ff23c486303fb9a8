import { beforeEach, expect, it } from 'vitest';
import { activateRelease } from '../../../../test/harness/stores/active-release.ts';
import { useServiceDatabase } from '../../../../test/harness/stores/service-database.ts';
import { transaction } from '../../../shared/postgres/transaction.ts';
import { accountAfter } from '../../core/account-after.ts';
import { exitCause } from '../../core/exits/exit.ts';
import { approval, CONTRACT_STACK as STACK, NOW } from '../contract-decisions.ts';
import { insertDecisions } from '../insert-decisions.ts';
import { loadAccount } from '../load-account.ts';
import { riskStatements } from '../risk-store.ts';
import { saveEntries } from '../save-entries.ts';

const pair = { strategy: 'cross', symbol: 'XRP/ETH' };
const key = { ...pair, openedAtMs: NOW - 60_000 };
const triggered = { kind: 'MaxHolding', level: undefined, bid: undefined, entryPrice: undefined, atMs: NOW } as const;
const wants = { ...pair, stance: 'Long', barClose: NOW - 9, changedAt: NOW - 9 } as const;
const db = useServiceDatabase('risk');

beforeEach(async () => {
  await activateRelease(db.admin, STACK, 'r1');
  await db.admin.query('TRUNCATE risk.decisions, risk.stances, risk.stops, trading.positions CASCADE');
  await db.admin.query(
    `INSERT INTO trading.positions (stack, strategy, symbol, quantity, cost, realised) VALUES ($1, 'cross', 'XRP/ETH', 40, 0.05, 0)`,
    [STACK],
  );
});

/** Decides a further order of an entry. `between` runs after the account was read, before the decision is stored. */
async function requote(between: () => Promise<unknown>): Promise<void> {
  const store = riskStatements(db.pool, STACK, { accountAfter });
  const moment = { stack: STACK, release: 'r1', nowMs: NOW } as const;
  await store.decideAll(moment, [{ ...pair, decisionId: 'one' }], () => ({ ...approval('one'), wants }));
  await store.beginStop(key, {});
  const ruling = approval('two');
  if (ruling.kind !== 'Decided') throw new Error('not a decision');
  await transaction(db.pool, async (client) => {
    const { account } = await loadAccount(client, { stack: STACK, nowMs: NOW, ids: ['two'] });
    await between();
    await saveEntries(
      client,
      STACK,
      account.entryAttempts.map((one) => ({ ...one, count: 2 })),
    );
    await insertDecisions(client, moment, [{ ...pair, decisionId: 'two', ...ruling.decision }]);
  });
}

it('a stop that triggers while an entry is decided stays, and the position is left', async () => {
  const store = riskStatements(db.pool, STACK, { accountAfter });
  await requote(async () => {
    expect(await store.triggerStop({ ...key, highPrice: undefined, triggered })).toBe(true);
  });
  const account = await store.readAccount(NOW);
  expect(account.stops).toEqual([{ ...key, highPrice: undefined, triggered }]);
  expect(exitCause(account, pair)).toBe('Stop');
});

it('a stop triggers after a further order of its entry', async () => {
  const store = riskStatements(db.pool, STACK, { accountAfter });
  await requote(async () => await Promise.resolve());
  expect(await store.triggerStop({ ...key, highPrice: undefined, triggered })).toBe(true);
});

it.each<[string, string, number]>([
  ['the position is closed', `UPDATE trading.positions SET quantity = 0`, 0],
  ['another strategy holds it', `UPDATE trading.positions SET strategy = 'other'`, 0],
  ['another stack holds it', `UPDATE trading.positions SET stack = 'other'`, 0],
  ['it is held', `UPDATE trading.positions SET quantity = 0.000000000000000001`, 1],
])('a further order of an entry looks at the position at its commit: %s', async (_what, sql, left) => {
  await requote(async () => await db.admin.query(sql));
  const store = riskStatements(db.pool, STACK, { accountAfter });
  expect((await store.readAccount(NOW)).stops).toHaveLength(left);
});
