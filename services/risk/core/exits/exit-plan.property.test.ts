import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { held, riskState } from '../../../../test/fixtures/risk-state.ts';
import { parseDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import { decide } from '../decide.ts';
import { openQuantity } from '../holdings.ts';
import type { OrderView, RiskState, Signal } from '../risk-state.ts';
import { afterAttempt, type Attempts } from './attempts.ts';
import { keyOf, mayExit } from './exit.ts';
import { planExits, type ExitPlan } from './exit-plan.ts';

const d = parseDecimal;
const FLATTENING = [{ source: 'desk', state: 'Flattening', reason: 'out' }] as const;
const account: RiskState = { ...riskState, tradingStates: FLATTENING };

/** The account, its orders and one or two processes of risk, which may plan at one time and decide at another. */
class World {
  state: RiskState = {
    ...account,
    positions: [...held('35.67'), ...held('120', '0.1', 'maker'), ...held('0.5', '0', 'tiny')],
  };
  readonly attempts = new Map<string, Attempts>();
  readonly breaches: string[] = [];
  exits = 0;
  due: readonly Signal[] = [];
  ms = 0;

  plan(): ExitPlan {
    const made = planExits({
      state: this.state,
      marketOf: () => this.state.market,
      attempts: this.attempts,
      signalsRead: true,
      monotonicMs: this.ms,
    });
    this.due = made.due;
    return made;
  }

  /** Decides what was planned last, on the account as it is now. */
  decideDue(): void {
    for (const signal of this.due) {
      const key = keyOf(signal);
      const held = this.held(signal.strategy);
      this.attempts.set(key, afterAttempt(this.attempts.get(key), { atMs: this.ms, held, refusal: undefined }));
      const decision = mayExit(this.state, signal) ? decide(this.state, signal) : undefined;
      if (decision?.kind !== 'Approved') continue;
      this.exits += 1;
      // One of unknown outcome may turn out to be open; then there are two, of what is held together.
      const known = this.state.orders.filter((one) => one.strategy === signal.strategy && one.state !== 'Unknown');
      if (known.length > 0) this.breaches.push(`${signal.strategy} has two exits`);
      const { order } = decision;
      const view: OrderView = {
        ...order,
        filled: ZERO,
        state: 'Approved',
        reservedAsset: 'XRP',
        reserved: order.quantity,
      };
      this.change({ orders: [...this.state.orders, view] });
    }
    this.check();
  }

  held(strategy: string): Decimal {
    return this.state.positions.find((one) => one.strategy === strategy)?.quantity ?? ZERO;
  }

  /** Fills the first order by some of what is left, and ends it or not. */
  fill(percent: bigint, ends: boolean): void {
    const [order, ...others] = this.state.orders;
    if (order === undefined) return;
    const amount = ((subtract(order.quantity, order.filled) * percent) / 100n) as Decimal;
    const positions = this.state.positions.map((one) =>
      one.strategy === order.strategy ? { ...one, quantity: subtract(one.quantity, amount) } : one,
    );
    const left = { ...order, filled: (order.filled + amount) as Decimal };
    this.change({ positions, orders: ends ? others : [...others, left] });
    this.check();
  }

  change(change: Partial<RiskState>): void {
    this.state = { ...this.state, ...change };
  }

  pass(ms: number): void {
    this.ms += ms;
    const nowMs = this.state.nowMs + ms;
    const { book, lastTrade, ...market } = this.state.market;
    const live = { ...market, lastTrade, book: book === undefined ? undefined : { ...book, receivedAt: nowMs } };
    this.change({ nowMs, market: live, entriesLastSecond: 0 });
  }

  check(): void {
    for (const { strategy, quantity } of this.state.positions) {
      const orders = this.state.orders.filter((order) => order.strategy === strategy);
      if (orders.some(({ side }) => side !== 'sell')) this.breaches.push(`${strategy} buys`);
      if (openQuantity(orders) > quantity) this.breaches.push(`${strategy} sells more than is held`);
    }
  }
}

it('never exits twice or beyond what is held, and ends flat, whatever the order of fills, expiries and refusals', () => {
  const { balances, market } = riskState;
  type Event = (world: World) => void;
  const fills = fc.record({ percent: fc.bigInt(0n, 100n), ends: fc.boolean() });
  const states = fc.constantFrom<OrderView['state']>('Open', 'Unknown', 'CancelPending');
  const mostly = fc.nat(4).map((number) => number > 0);
  const planned: Event = (world) => void world.plan();
  const decided: Event = (world) => world.decideDue();
  const event: fc.Arbitrary<Event> = fc.oneof(
    { weight: 4, arbitrary: fc.constant(planned) },
    { weight: 4, arbitrary: fc.constant(decided) },
    {
      weight: 3,
      arbitrary: fc.integer({ min: 1, max: 40 }).map(
        (seconds): Event =>
          (world) =>
            world.pass(seconds * 1_000),
      ),
    },
    {
      weight: 4,
      arbitrary: fills.map(
        ({ percent, ends }): Event =>
          (world) =>
            world.fill(percent, ends),
      ),
    },
    {
      weight: 1,
      arbitrary: states.map(
        (state): Event =>
          (world) =>
            world.change({ orders: world.state.orders.map((order) => ({ ...order, state })) }),
      ),
    },
    {
      weight: 1,
      arbitrary: mostly.map(
        (known): Event =>
          (world) =>
            world.change({ balances: known ? balances : [] }),
      ),
    },
    {
      weight: 1,
      arbitrary: mostly.map((live): Event => (world) => {
        world.change({ market: live ? market : { ...market, book: undefined } });
        world.pass(0);
      }),
    },
  );
  let exits = 0;
  fc.assert(
    fc.property(fc.array(event, { minLength: 20, maxLength: 60 }), (events) => {
      const world = new World();
      for (const apply of events) apply(world);
      exits += world.exits;
      world.change({ balances, market });
      for (let round = 0; round < 12 && !world.plan().flat; round += 1) {
        world.pass(30_000);
        world.plan();
        world.decideDue();
        while (world.state.orders.length > 0) world.fill(100n, true);
      }
      expect(world.breaches).toEqual([]);
      expect(world.plan()).toMatchObject({ flat: true, open: [] });
      expect(['trend', 'maker'].every((strategy) => world.held(strategy) < d('1'))).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(exits).toBeGreaterThan(200);
});
