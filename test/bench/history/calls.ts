import { accountAfter } from '../../../services/risk/core/account-after.ts';
import { riskStatements } from '../../../services/risk/store/risk-store.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { createPool } from '../../../services/shared/postgres/pool.ts';
import { createLogger } from '../../../services/shared/runtime/logger.ts';
import { TEST_STACK } from '../../fixtures/approved-orders.ts';
import type { TestDatabase } from '../../harness/stores/test-database.ts';
import { HELD, openRecord, orderOf } from '../intent/record.ts';

/** What runs while a stack trades. Each is measured for itself. */
export const CALLS = [
  'intent',
  'fill',
  'orders',
  'trades',
  'portfolio',
  'sweep',
  'drift',
  'account',
  'decision',
] as const;
export type Call = (typeof CALLS)[number];

export interface Calls {
  readonly run: Readonly<Record<Call, (n: number) => Promise<unknown>>>;
  /** Ends what a call left open, so that later calls find as much as before it. Not measured. */
  readonly settle: (call: Call, n: number) => Promise<void>;
  close(): Promise<void>;
}

const NO_ACTION = { kind: 'NoAction', reason: 'Flat' } as const;

/** Opens the record as execution and risk do, with the pools and the rights of production. */
export async function openCalls(database: TestDatabase): Promise<Calls> {
  const record = openRecord(database.as('execution'));
  const log = createLogger({ name: 'bench', level: 'silent' });
  const pool = createPool({ ...database.as('risk'), plansOnce: true, applicationName: 'bench', log });
  const { store } = record;
  const risk = riskStatements(pool, TEST_STACK, { accountAfter });
  await store.raiseFence(HELD);
  // One that is never filled: the size of its history is that of the notes, not of the record.
  const noted = orderOf('noted', '1000000');
  await store.commitIntent(HELD, noted);
  const { clientOrderId, symbol, side, price } = noted.request;
  const fee = { fee: parseDecimal('0.00001'), feeAsset: 'ETH', maker: false };
  const terms = { venueOrderId: 'v-noted', clientOrderId, symbol, side, price, quantity: parseDecimal('1'), ...fee };
  const fillOf = (n: number) => ({
    ...terms,
    venueTradeId: `n${n}`,
    time: Date.now(),
  });
  const key = { clientOrderId, venueOrderId: '' };
  const subject = { strategy: 'trend', symbol };
  return {
    run: {
      intent: async (n) => await store.commitIntent(HELD, orderOf(`i${n}`)),
      fill: async (n) =>
        await store.recordObservation({
          key,
          observation: { kind: 'FillSeen', fill: fillOf(n) },
          epoch: HELD.epoch,
          atMs: Date.now(),
        }),
      orders: async () => await store.loadOrders(['h1']),
      trades: async () => [await store.fillWatermark(symbol), await store.recordedTrades(symbol, ['t1', 't2', 't3'])],
      portfolio: async () => await store.loadPortfolio(),
      sweep: async () => await store.openApprovals([]),
      drift: async () => [await store.driftingAssets(), await store.readLedger()],
      account: async () => await risk.readAccount(Date.now()),
      decision: async (n) =>
        await risk.decideAll(
          { stack: TEST_STACK, release: 'test', nowMs: Date.now() },
          [{ ...subject, decisionId: `d${n}` }],
          () => NO_ACTION,
        ),
    },
    settle: async (call, n) => {
      if (call !== 'intent') return;
      const { clientOrderId: id } = orderOf(`i${n}`).request;
      await store.recordObservation({
        key: { clientOrderId: id, venueOrderId: '' },
        observation: { kind: 'NotSent', reason: 'Expired' },
        epoch: HELD.epoch,
        atMs: Date.now(),
      });
    },
    close: async () => void (await Promise.all([record.close(), pool.end()])),
  };
}
