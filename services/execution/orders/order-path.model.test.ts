import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvedOrder } from '../../../test/fixtures/approved-orders.ts';
import { FaultyVenue, MODEL_QUANTITY, type Fate } from '../../../test/faults/faulty-venue.ts';
import { MemoryExecutionStore } from '../store/memory/memory-execution-store.ts';
import { crashable } from '../../replay/processes/crashable.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { startVirtualExecution, VIRTUAL_TIMINGS } from '../../../test/harness/virtual-execution.ts';
import { formatDecimal, parseDecimal, subtract } from '../../shared/domain/decimal.ts';
import { isTerminal } from '../../shared/domain/orders/order.ts';
import type { Execution } from '../service.ts';

const fates: fc.Arbitrary<Fate> = fc.record({
  reply: fc.constantFrom('ok', 'ok', 'ok', 'rejected', 'rateLimited', 'notSent', 'lostBefore', 'lostAfter'),
  // Some requests arrive after their window, and the venue must not accept them.
  travelMs: fc.constantFrom(1, 20, 300, 700),
  hiddenMs: fc.integer({ min: 0, max: VIRTUAL_TIMINGS.visibilityMs }),
  fills: fc.constantFrom([10], [4, 6], [3], [], [1, 2, 3]),
  tellings: fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 3 }),
});
const steps = fc.array(
  fc.record({
    fate: fates,
    side: fc.constantFrom('buy' as const, 'sell' as const),
    waitMs: fc.integer({ min: 0, max: 900 }),
    kill: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

interface Scenario {
  readonly clock: VirtualClock;
  readonly store: MemoryExecutionStore;
  readonly venue: FaultyVenue;
  readonly start: () => Promise<Execution>;
  readonly kill: () => void;
}

/** A store and a venue that outlive their senders. At most one sender runs at a time. */
function createScenario(fateOf: (clientOrderId: string) => Fate): Scenario {
  const clock = virtualClock();
  const store = new MemoryExecutionStore();
  const venue = new FaultyVenue(clock, fateOf);
  let epoch = 0;
  let kill = (): void => {};
  const start = async (): Promise<Execution> => {
    epoch += 1;
    const ending = new AbortController();
    const life = { dead: false };
    const ports = { store: crashable(store, life), venue: crashable(venue, life) };
    const execution = startVirtualExecution({ ...ports, clock, incarnation: `sender-${epoch}` }, ending.signal);
    venue.listener = execution.streamEvents;
    kill = () => {
      life.dead = true;
      venue.listener = undefined;
      ending.abort(new Error('killed'));
    };
    await clock.advance(1);
    await execution.activate(epoch);
    return execution;
  };
  return { clock, store, venue, start, kill: () => kill() };
}

async function play(
  script: readonly {
    readonly fate: Fate;
    readonly side: 'buy' | 'sell';
    readonly waitMs: number;
    readonly kill: boolean;
  }[],
): Promise<Scenario> {
  const fateOf = new Map<string, Fate>();
  const calm: Fate = { reply: 'ok', travelMs: 1, hiddenMs: 0, fills: [10], tellings: [0] };
  const scenario = createScenario((id) => fateOf.get(id) ?? calm);
  const { clock, store } = scenario;
  let execution = await scenario.start();
  await clock.advance(1_000);
  for (const [index, { fate, side, waitMs, kill }] of script.entries()) {
    const nowMs = clock.nowMs();
    const order = approvedOrder(`d${index}`, {
      side,
      quantity: MODEL_QUANTITY,
      decidedAt: nowMs,
      deadline: nowMs + 20_000,
    });
    fateOf.set(order.clientOrderId, fate);
    store.approvals.push(order);
    void execution.onApproval(order.decisionId);
    await clock.advance(waitMs);
    if (!kill) continue;
    scenario.kill();
    execution = await scenario.start();
  }
  await clock.advance(30_000);
  scenario.kill();
  return scenario;
}

describe('the order path, whatever the network, the venue and the processes do', () => {
  it('sends each intent at most once, each order from an intent, and keeps its books equal', async () => {
    const seen = { lost: 0, late: 0, never: 0 };
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const { store, venue } = await play(script);
        const ids = venue.placed.map(({ request }) => request.clientOrderId);
        // I1
        expect(new Set(ids).size).toBe(ids.length);
        expect(new Set(venue.received.map(({ clientOrderId }) => clientOrderId)).size).toBe(venue.received.length);
        // I4
        for (const { clientOrderId, at, signedAt } of venue.received) {
          expect(store.orders.get(clientOrderId)?.intendedAtMs).toBe(signedAt);
          expect(signedAt).toBeLessThanOrEqual(at);
        }
        // I2
        expect([...store.orders.values()].filter(({ state }) => !isTerminal(state)).map(({ state }) => state)).toEqual(
          [],
        );
        expect(store.orders.size).toBe(script.length);
        // I5
        expect(store.fills.all.map(({ venueTradeId }) => venueTradeId).sort(byText)).toEqual(
          venue.traded.map(({ venueTradeId }) => venueTradeId).sort(byText),
        );
        expect(
          Object.fromEntries([...store.ledger()].map(([asset, amount]) => [asset, formatDecimal(amount)])),
        ).toEqual(venue.holdingsText());
        const bought = subtract(venue.holdings.get('XRP') ?? parseDecimal('0'), parseDecimal('1000'));
        expect(store.positions.held('XRP/ETH')).toBe(bought);
        const states = [...store.orders.values()].map(({ state }) => state);
        seen.never += states.filter((state) => state.kind === 'NeverSent' && state.reason === 'NeverArrived').length;
        seen.lost += script.filter(({ fate }) => fate.reply === 'lostAfter').length;
        seen.late += script.filter(({ fate }) => fate.travelMs > VIRTUAL_TIMINGS.recvWindowMs).length;
      }),
      { numRuns: 60 },
    );
    // Each kind of fault occurred at least once.
    expect(Math.min(seen.never, seen.lost, seen.late)).toBeGreaterThan(0);
  }, 120_000);

  it('finds an order whose reply was lost, and does not conclude that it never arrived', async () => {
    const fate: Fate = {
      reply: 'lostAfter',
      travelMs: 1,
      hiddenMs: VIRTUAL_TIMINGS.visibilityMs,
      fills: [10],
      tellings: [],
    };
    const { store } = await play([{ fate, side: 'buy', waitMs: 0, kill: false }]);
    expect([...store.orders.values()].map(({ state }) => state.kind)).toEqual(['Filled']);
  });

  it('ends an order that never arrived as NeverSent, and does not send it again', async () => {
    const fate: Fate = { reply: 'lostBefore', travelMs: 1, hiddenMs: 0, fills: [], tellings: [] };
    const { store, venue } = await play([{ fate, side: 'buy', waitMs: 0, kill: true }]);
    expect([...store.orders.values()].map(({ state }) => state)).toEqual([
      { kind: 'NeverSent', reason: 'NeverArrived' },
    ]);
    expect(venue.received).toEqual([]);
  });
});

function byText(left: string, right: string): number {
  return left < right ? -1 : 1;
}
