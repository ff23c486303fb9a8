import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { held, NOW, openBuy, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import { exitSignal } from '../exits/exit.ts';
import type { OrderView, RiskState } from '../risk-state.ts';

const d = parseDecimal;
const PAIR = { strategy: 'trend', symbol: 'XRP/ETH' };

const TENTH = 10n ** 17n;
const tenths = fc.integer({ min: 0, max: 600 }).map((value) => (BigInt(value) * TENTH) as Decimal);
const ageMs = fc.integer({ min: -20_000, max: 20_000 });
const scenario = fc.record({
  position: tenths,
  ledger: tenths,
  amount: fc.option(tenths, { nil: undefined }),
  readMs: ageMs,
  refusedMs: fc.option(ageMs, { nil: undefined }),
  drifting: fc.boolean(),
  others: fc.array(
    fc.record({
      state: fc.constantFrom<OrderView['state']>('Approved', 'Open', 'Unknown', 'CancelPending'),
      quantity: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 3 },
  ),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

function stateIn({ position, ledger, amount, readMs, refusedMs, drifting, others }: Scenario): RiskState {
  const exitRefusedAtMs = refusedMs === undefined ? undefined : NOW - refusedMs;
  const positions = held('1').map((one) => ({ ...one, quantity: position, exitRefusedAtMs }));
  const orders = others.map(({ state, quantity }, index): OrderView => {
    const whole = d(String(quantity));
    const terms = { side: 'sell', price: d('0.0016'), quantity: whole, reservedAsset: 'XRP', reserved: whole } as const;
    return { ...openBuy, ...terms, clientOrderId: `other-${index}`, state };
  });
  const venueFree = amount === undefined ? undefined : { amount, atMs: NOW - readMs };
  const balance = { asset: 'XRP', ledger, reconciledAtMs: NOW - 1_000, venueFree, drifting };
  return { ...riskState, positions, orders, balances: [balance] };
}

/** The figure of the venue where it counts; undefined otherwise. */
function counting({ amount, readMs, refusedMs, drifting }: Scenario): Decimal | undefined {
  const wrong = drifting || (refusedMs !== undefined && refusedMs > readMs);
  return wrong && Math.abs(readMs) <= 15_000 ? amount : undefined;
}

it('never sells more than is held or, where the venue counts, free, and is never refused for a missing figure', () => {
  const seen = { bounded: 0, refused: 0 };
  fc.assert(
    fc.property(scenario, (given) => {
      const state = stateIn(given);
      const decision = decide(state, exitSignal(state, PAIR));
      const venue = counting(given);
      const reserved = given.others.reduce((sum, { quantity }) => sum + BigInt(quantity) * 10n ** 18n, 0n);
      const there = [given.ledger - reserved, venue ?? given.position].reduce(
        (least, bound) => (bound < least ? bound : least),
        given.position,
      );
      const sells = decision.kind === 'Approved' ? decision.order.quantity : 0n;
      expect(sells <= (there > 0n ? there : 0n)).toBe(true);
      if (venue === undefined) expect(sells).toBe(there >= d('1') ? there : 0n);
      if (venue !== undefined && sells > 0n) seen.bounded += 1;
      if (decision.kind === 'Refused') seen.refused += 1;
    }),
    { numRuns: 1_500 },
  );
  expect(seen.bounded).toBeGreaterThan(50);
  expect(seen.refused).toBeGreaterThan(50);
});
