import { describe, expect, it } from 'vitest';
import { faultyNetwork, QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { SOUND_REDIS } from '../../services/replay/core/redis-faults.ts';
import { runReplay, type ReplayResult } from '../../services/replay/run-replay.ts';
import { SWAP_OPERATORS, type SwapOperator } from '../../services/replay/swap-sender.ts';
import { parseDecimal, type Decimal } from '../../services/shared/domain/decimal.ts';
import { notionalOf } from '../../services/shared/domain/instrument.ts';
import { canaryViolations } from '../judges/canary-violations.ts';
import { problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

const settings = sampleSettings(['XRP/ETH', 'ADA/ETH']);
const tape = sampleTape(settings);
const [{ orderNotional } = { orderNotional: parseDecimal('0') }] = settings.risk.sizing;
/** One and a half entries: the second one is cut. */
const maxNotional = ((orderNotional * 3n) / 2n) as Decimal;

/** Each operator once. */
const RUNS: readonly (readonly [SwapOperator, string, Network])[] = SWAP_OPERATORS.map((operator, seed) =>
  seed === 0
    ? [operator, 'a quiet network', QUIET_NETWORK]
    : [operator, `lost requests, replies and statements, seed ${seed}`, faultyNetwork(seed)],
);

describe('swaps with a canary', () => {
  it.each(RUNS)(
    'never let more than its cap be bought until it is lifted, and then as ever: %s, %s',
    async (operator, _name, network) => {
      const result = await runReplay({
        settings,
        tape,
        network,
        redis: { faults: SOUND_REDIS, restarts: [] },
        playMs: 240_000,
        successions: [{ afterMs: 30_000, kind: 'Swapped', operator, canary: { maxNotional, forMs: 90_000 } }],
      });
      expect(problemsOf(result, { endBoundMs: 45_000 })).toEqual([]);
      expect(result.canaries).toHaveLength(1);
      const [canary] = result.canaries;
      const { orders, steps } = result.record;
      expect(canary && canaryViolations(canary, { orders, steps })).toEqual([]);
      expect(canary?.liftedAtMs).toBeDefined();
      const during = boughtBetween(result, canary?.beganAtMs ?? 0, canary?.liftedAtMs ?? 0);
      const afterwards = boughtBetween(result, canary?.liftedAtMs ?? 0, Infinity);
      // It bought, and was cut or refused; without the canary it buys more than the cap.
      expect(during.length).toBeGreaterThan(0);
      const isCut = during.some((notional) => notional < (orderNotional * 9n) / 10n);
      expect(isCut || result.record.refusals.has('CanaryCap')).toBe(true);
      expect(afterwards.reduce((sum, notional) => sum + notional, 0n)).toBeGreaterThan(maxNotional);
    },
    120_000,
  );
});

/** Notionals of the buys whose intent was committed in a period, by the clock of the scheduler. */
function boughtBetween({ record: { orders, steps } }: ReplayResult, fromMs: number, toMs: number): readonly bigint[] {
  const byId = new Map(orders.map(({ request }) => [request.clientOrderId, request]));
  return steps
    .filter(({ side, state, at_ms: atMs }) => side === 'buy' && state === 'Intended' && atMs >= fromMs && atMs < toMs)
    .flatMap(({ client_order_id: id }) => byId.get(id) ?? [])
    .map(({ price, quantity }) => notionalOf(price, quantity));
}
