import { describe, expect, it } from 'vitest';
import { faultyNetwork, QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { SOUND_REDIS } from '../../services/replay/core/redis-faults.ts';
import { runReplay, type ReplayResult } from '../../services/replay/run-replay.ts';
import { SWAP_OPERATORS, type SwapOperator } from '../../services/replay/swap-sender.ts';
import { BOUNDS } from './bounds.ts';
import { exitsOf, problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

const settings = sampleSettings(['XRP/ETH', 'ADA/ETH']);
const tape = sampleTape(settings);
const PLAY_MS = 240_000;
const FIRST_MS = 30_000;
const SECOND_MS = 150_000;
/** Each operator once. */
const RUNS: readonly (readonly [SwapOperator, string, Network])[] = SWAP_OPERATORS.map((operator, seed) =>
  seed === 0
    ? [operator, 'a quiet network', QUIET_NETWORK]
    : [operator, `lost requests, replies and statements, seed ${seed}`, faultyNetwork(seed)],
);

describe('swaps with positionPolicy Flat', () => {
  it.each(RUNS)(
    'hand over nothing but dust, and no buy comes between: %s, %s',
    async (operator, _name, network) => {
      const result = await runReplay({
        settings,
        tape,
        network,
        redis: { faults: SOUND_REDIS, restarts: [] },
        playMs: PLAY_MS,
        successions: [FIRST_MS, SECOND_MS].map((afterMs) => ({
          afterMs,
          kind: 'Swapped' as const,
          operator,
          positions: 'Flat' as const,
        })),
      });
      expect(problemsOf(result, { endBoundMs: 45_000 })).toEqual([]);
      expect(result.sales.length).toBe(2);
      const [{ liftedAtMs: resumedMs } = { liftedAtMs: Infinity }] = result.sales;
      expect(boughtAt(result).some((atMs) => atMs > resumedMs)).toBe(true);
      for (const { askedAtMs, closedAtMs, liftedAtMs, held, liveOrders } of result.sales) {
        expect(closedAtMs).toBeDefined();
        expect(liveOrders).toBe(0);
        const { smallest } = exitsOf(result, BOUNDS);
        expect([...held.values()].filter((quantity) => quantity >= smallest)).toEqual([]);
        expect(boughtAt(result).filter((atMs) => atMs > askedAtMs && atMs < liftedAtMs)).toEqual([]);
      }
    },
    120_000,
  );
});

/** When the intent of each buy was committed, by the clock of the scheduler: that of a sender may be ahead. */
function boughtAt({ record: { orders, steps } }: ReplayResult): readonly number[] {
  const buys = new Set(orders.flatMap(({ request }) => (request.side === 'buy' ? [request.clientOrderId] : [])));
  return steps
    .filter(({ client_order_id: id, state }) => state === 'Intended' && buys.has(id))
    .map(({ at_ms: atMs }) => atMs);
}
