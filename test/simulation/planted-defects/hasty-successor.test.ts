import { describe, expect, it } from 'vitest';
import { QUIET_NETWORK, type Network } from '../../../services/replay/core/network.ts';
import { runReplay, type Overrides } from '../../../services/replay/run-replay.ts';
import type { Succession } from '../../../services/replay/senders.ts';
import { parseDecimal } from '../../../services/shared/domain/decimal.ts';
import { clientOrderIdOf } from '../../../services/shared/domain/ids.ts';
import { sha256 } from '../../../services/shared/runtime/sha256.ts';
import { approvedOrder } from '../../fixtures/approved-orders.ts';
import { problemsOf } from '../evidence.ts';
import { sampleSettings, sampleTape } from '../sample-settings.ts';

const settings = sampleSettings();
const tape = sampleTape(settings);

describe('a successor that does not wait for an order of its predecessor to leave its window', () => {
  const { simulator, execution } = settings;
  const stackId = execution.stack.id;
  // Base asset to sell, whatever the strategies hold.
  const balances = { ...simulator.balances, XRP: parseDecimal('1000') };
  const rich = { ...settings, simulator: { ...simulator, balances } };
  const succession: Succession = {
    afterMs: 60_000,
    kind: 'CutOff',
    // A sell order: the order in transit is unknown to the successor, which sends no buy order beside it.
    approves: ({ request: { price, quantity } }) =>
      approvedOrder('sale', {
        clientOrderId: clientOrderIdOf(stackId, 'sale', 0, sha256),
        stack: stackId,
        side: 'sell',
        price,
        quantity,
      }),
  };
  const outcome = async (clockMs: number, lateMs: number, defect: Overrides = {}) => {
    const network: Network = {
      ...QUIET_NETWORK,
      clockOf: () => () => clockMs,
      fate: (troubled) => (troubled ? 'RequestLate' : 'Delivered'),
      lateMs: () => lateMs,
    };
    return await runReplay({
      settings: rich,
      tape,
      network,
      playMs: 120_000,
      overrides: defect,
      successions: [succession],
    });
  };
  const hasty: Overrides = {
    store: (database) => ({
      ...database,
      raiseFence: async (wanted) => {
        const { granted, before } = await database.raiseFence(wanted);
        return { granted, before: { ...before, holder: '' } };
      },
    }),
  };

  it.each([
    ['synchronized clocks', 0, 1_990],
    ['a clock ahead by almost the bound', 490, 2_480],
    ['a clock behind by almost the bound', -490, 1_500],
  ])('detects the order that arrives late, with %s', async (_name, clockMs, lateMs) => {
    const found = problemsOf(await outcome(clockMs, lateMs, hasty));
    expect(found).toContainEqual(expect.stringMatching(/^I3: order .* of epoch 1 came after one of epoch 2/));
    const sound = await outcome(clockMs, lateMs);
    expect(problemsOf(sound)).toEqual([]);
    expect(new Set(sound.record.orders.map(({ epoch }) => epoch))).toEqual(new Set([1, 2]));
  });
});
