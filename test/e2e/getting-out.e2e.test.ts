import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { breakout, cross } from '../fixtures/sample-stack.ts';
import {
  decisionsSince,
  runByRunbook,
  untilFlat,
  untilHeld,
  untilRefusedWith,
  untilRow,
  untilStatusSays,
} from './getting-out/record.ts';
import { injectFault, streamClients } from './getting-out/venue-faults.ts';
import { stackStatus, type Halting } from './halt/trading-state.ts';
import { createKubectl } from './kubectl.ts';
import { deleteNamespace, startOwnStack } from './own-stack.ts';
import { buysIn, soundBooks, tradingGoesOn, venueLog } from './trading.ts';
import { until } from './until.ts';

const { cluster, image, kubectlOptions } = inject('e2e');
const namespace = 'tradingstack-e2e-getting-out';
/**
 * Bars of the strategies `stopped` and `patient`. What happens within one is not caused by its close. Two bars that end
 * at one moment would make both buy at once, and the book seldom holds enough for two.
 */
const STOPPED_BAR_MS = 15_000;
const PATIENT_BAR_MS = 20_000;
const SWIFT_BAR_MS = 2_000;
const ENTRY_ATTEMPTS = 5;
/**
 * Positions of this cost, in ETH, that lose 90 % of their worth trip the breaker: the equity is 8.5 at the most. The
 * book seldom fills the whole order of one strategy.
 */
const DRAWDOWN_COST = 0.08;
/** A position that should be left is flat within this time, with a feed that flaps, on a loaded machine. */
const LEFT_WITHIN_MS = 60_000;

const patientBars = (barMs: number) => ({ barSeconds: barMs / 1_000, entryBars: 2, exitBars: 2 });
const change = {
  instruments: [{ symbol: 'XRP/ETH' }, { symbol: 'BTC/ETH' }],
  strategies: [
    // Changes its mind at nearly every bar, so that it shows within seconds whether entries are sent. Shorter bars
    // would leave no moment without changes in which the books can be compared.
    cross({ name: 'brisk', parameters: { barSeconds: 3, fastBars: 1, slowBars: 2 }, orderNotional: '0.05' }),
    breakout({ name: 'swift', parameters: { barSeconds: SWIFT_BAR_MS / 1_000, entryBars: 5, exitBars: 3 } }),
    breakout({ name: 'stopped', parameters: patientBars(STOPPED_BAR_MS), stopLossPercent: '2' }),
    breakout({ name: 'patient', parameters: patientBars(PATIENT_BAR_MS) }),
  ],
  risk: { maxFeedAgeMs: 5_000, entryValidMs: 5_000, orderDeadlineMs: 10_000, maxDrawdownPercent: '0.8' },
  rollout: { soakSeconds: 1, tierDeadlineSeconds: 240 },
  // A spare takes over from a sender that a loaded node delays, and each takeover costs seconds of what is timed here.
  services: { execution: { replicas: 1 } },
  execution: { swap: { postSwitchSoakSeconds: 5 } },
  paper: { faults: true, balances: { ETH: '8' } },
};

let stack: Halting;

beforeAll(async () => {
  stack = await startOwnStack({ cluster, image, namespace, change });
  // A breakout strategy signals once it has seen as many bars as it compares, and the one that it compares.
  await delay(3 * PATIENT_BAR_MS);
});

afterAll(async () => {
  await deleteNamespace(createKubectl(kubectlOptions), namespace);
});

/** Waits for the first second of a bar. */
async function beginningOfBar(barMs: number): Promise<void> {
  await delay(barMs - (Date.now() % barMs) + 500);
}

async function shiftPrices(basisPoints: number): Promise<number> {
  return await injectFault(stack, 'price', { basisPoints });
}

/**
 * Raises the prices until a breakout strategy has bought. A signal may be too old to act on when it arrives, on a
 * loaded machine, or the book may hold less than the order; then nothing more is bought until the stance has been flat,
 * so the prices fall and rise again.
 */
async function raiseUntilHeld(strategy: string, basisPoints: number, barMs: number, cost = 0): Promise<void> {
  for (let attempt = 1; attempt < ENTRY_ATTEMPTS; attempt += 1) {
    await shiftPrices(basisPoints);
    const held = untilHeld(stack, strategy, { cost, withinMs: 3 * barMs + 5_000 });
    const failed = await held.then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (failed === undefined) return;
    process.stdout.write(`attempt ${attempt}: ${failed}\n`);
    await shiftPrices(-basisPoints);
    await delay(2 * barMs);
  }
  await shiftPrices(basisPoints);
  await untilHeld(stack, strategy, { cost });
}

/** Waits until the venue has received a buy after a time in UTC milliseconds. */
async function untilBuys(afterMs: number): Promise<void> {
  await until('a buy at the venue', async () => {
    const log = await venueLog(stack.kubectl, stack.place);
    return buysIn(log, afterMs, Number.POSITIVE_INFINITY).length > 0 ? true : undefined;
  });
}

test('a stop that is hit between two bars sells the position before the next one closes', async () => {
  await raiseUntilHeld('stopped', 200, STOPPED_BAR_MS);
  await beginningOfBar(STOPPED_BAR_MS);
  const fallenMs = await shiftPrices(-150);
  await untilFlat(stack, 'stopped');
  const exit = (await decisionsSince(stack, 'stopped', fallenMs)).find(({ approved }) => approved);
  expect(exit).toMatchObject({ decision_id: expect.stringMatching(/^exit:/), side: 'sell', stop: 'StopLoss' });
  expect(Math.floor((exit?.at_ms ?? 0) / STOPPED_BAR_MS)).toBe(Math.floor(fallenMs / STOPPED_BAR_MS));
  process.stdout.write(`a stop sold ${(exit?.at_ms ?? 0) - fallenMs} ms after the fall\n`);
  await soundBooks(stack.kubectl, stack.place);
});

test('a position whose strategy goes flat while the feed is cut repeatedly is left', async () => {
  await raiseUntilHeld('swift', 150, SWIFT_BAR_MS);
  const cutMs = await injectFault(stack, 'streams', { cutMs: 3_000 });
  expect(await streamClients(stack)).toBe(0);
  await shiftPrices(-100);
  for (let cut = 1; cut <= 2; cut += 1) {
    await delay(4_500);
    await injectFault(stack, 'streams', { cutMs: 3_000 });
  }
  await untilFlat(stack, 'swift');
  const leftMs = Date.now() - cutMs;
  process.stdout.write(`a position was left ${leftMs} ms after the first cut of the feed\n`);
  expect(leftMs).toBeLessThan(LEFT_WITHIN_MS);
  const sold = (await decisionsSince(stack, 'swift', cutMs)).filter(({ side }) => side === 'sell');
  expect(sold.length).toBeGreaterThan(0);
  await tradingGoesOn(stack.kubectl, stack.place);
  await soundBooks(stack.kubectl, stack.place);
});

test('a pair that the venue delists is named, and the other one is traded', async () => {
  await injectFault(stack, 'listing', { symbol: 'BTC/ETH', listed: false });
  process.stdout.write(`${await untilStatusSays(stack, /^Degraded \w+: .*BTC\/ETH.*$/m)}\n`);
  await tradingGoesOn(stack.kubectl, stack.place);
  await untilBuys(Date.now());
  expect((await stackStatus(stack)).status.phase).toBe('Degraded');
  await soundBooks(stack.kubectl, stack.place);
  await injectFault(stack, 'listing', { symbol: 'BTC/ETH', listed: true });
  await until('the stack to run', async () => (await stackStatus(stack)).status.phase === 'Running' || undefined);
});

test('a deposit stops the entries with its asset until a person books it by the runbook', async () => {
  await injectFault(stack, 'transfer', { asset: 'ETH', amount: '0.5' });
  process.stdout.write(`${await untilStatusSays(stack, /^Degraded \w+: .*LedgerDrift.*ETH.*difference 0\.5.*$/m)}\n`);
  const { refused_ms: refusedMs } = await untilRow<{ refused_ms: number }>(
    stack,
    'an entry to be refused for the drift',
    `SELECT floor(extract(epoch FROM updated_at) * 1000)::float8 AS refused_ms FROM trading.orders
      WHERE stack = '${stack.place.id}' AND side = 'buy' AND state = 'NeverSent' AND reason = 'ReduceOnly'
      ORDER BY updated_at LIMIT 1`,
  );
  await runByRunbook(stack, 'INSERT INTO trading.transfers');
  const { booked_ms: bookedMs } = await untilRow<{ booked_ms: number }>(
    stack,
    'the transfer to be booked',
    `SELECT floor(extract(epoch FROM booked_at) * 1000)::float8 AS booked_ms FROM trading.transfers
      WHERE stack = '${stack.place.id}' AND asset = 'ETH' AND booked_at IS NOT NULL`,
  );
  expect(buysIn(await venueLog(stack.kubectl, stack.place), refusedMs, bookedMs)).toEqual([]);
  await untilBuys(bookedMs);
  const { log } = await soundBooks(stack.kubectl, stack.place);
  expect(log.filter(({ kind }) => kind === 'transferred')).toMatchObject([{ asset: 'ETH', amount: '0.5' }]);
});

test('a drawdown stops entries and no exit, until a person resets it by the runbook', async () => {
  await raiseUntilHeld('patient', 400, PATIENT_BAR_MS, DRAWDOWN_COST);
  const fallenMs = await shiftPrices(-9_000);
  const { tripped_ms: trippedMs } = await untilRow<{ tripped_ms: number }>(
    stack,
    'the breaker to trip',
    `SELECT floor(extract(epoch FROM tripped_at) * 1000)::float8 AS tripped_ms FROM risk.breakers
      WHERE stack = '${stack.place.id}' AND breaker = 'Drawdown' AND left_at IS NULL`,
  );
  await untilRefusedWith(stack, 'brisk', { codes: ['Drawdown', 'Reducing'], sinceMs: trippedMs });
  await untilFlat(stack, 'patient');
  const sold = (await decisionsSince(stack, 'patient', trippedMs)).filter(({ side }) => side === 'sell');
  expect(sold.length).toBeGreaterThan(0);
  process.stdout.write(`the breaker tripped ${trippedMs - fallenMs} ms after the fall\n`);
  const resetMs = Date.now();
  // An entry that was on its way when the breaker tripped may still arrive.
  expect(buysIn(await venueLog(stack.kubectl, stack.place), trippedMs + 2_000, resetMs)).toEqual([]);
  await runByRunbook(stack, 'INSERT INTO risk.breaker_resets');
  await untilBuys(resetMs);
  await soundBooks(stack.kubectl, stack.place);
});
