import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { riskState } from '../../../../test/fixtures/risk-state.ts';
import { ExitWorld } from '../../../../test/harness/exit-world.ts';
import { parseDecimal } from '../../../shared/domain/decimal.ts';
import type { OrderView } from '../risk-state.ts';

const d = parseDecimal;

it('never exits twice or beyond what is held, and ends flat, whatever the order of fills, expiries and refusals', () => {
  const { balances, market } = riskState;
  type Event = (world: ExitWorld) => void;
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
  const bid = fc.record({ strategy: fc.constantFrom('trend', 'other'), below: fc.bigInt(0n, 8n) }).map(
    ({ strategy, below }): Event =>
      (world) =>
        world.bid(strategy, below),
  );
  const cancelled: Event = (world) => world.cancelRequested();
  const bestBid: Event = (world) => world.bid('trend', 0n);
  const twoMinutes: Event = (world) => world.pass(120_000);
  let exits = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof({ weight: 16, arbitrary: event }, bid, fc.constant(cancelled)), {
        minLength: 20,
        maxLength: 60,
      }),
      (events) => {
        const world = new ExitWorld();
        for (const apply of events) apply(world);
        exits += world.exits;
        world.change({ balances, market });
        for (let round = 0; round < 12 && !world.plan().flat; round += 1) {
          world.cancelRequested();
          world.pass(30_000);
          world.plan();
          world.decideDue();
          while (world.state.orders.length > 0) world.fill(100n, true);
        }
        expect(world.breaches).toEqual([]);
        expect(world.plan()).toMatchObject({ flat: true, open: [] });
        expect(['trend', 'maker'].every((strategy) => world.held(strategy) < d('1'))).toBe(true);
      },
    ),
    // Seed 1781915435, shrunk: two bids of one millisecond shared an ID, so that the request to cancel the first one
    // counted for the second, too. Nobody cancelled that one, and two minutes later it held up no exit any more.
    { numRuns: 300, examples: [[[bestBid, cancelled, bestBid, twoMinutes, planned, decided]]] },
  );
  expect(exits).toBeGreaterThan(200);
});
