import { describe, expect, it } from 'vitest';
import type { Fence } from '../../services/execution/core/role.ts';
import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { clientOrderIdOf } from '../../services/shared/domain/ids.ts';
import { approvedOrder } from '../fixtures/approved-orders.ts';
import { sha256 } from '../../services/shared/runtime/sha256.ts';
import { faultyNetwork, QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { runReplay, type Succession } from '../../services/replay/run-replay.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import type { PortOverrides as Defect } from '../../services/replay/execution-process.ts';
import { problemsOf } from './evidence.ts';

const settings = sampleSettings();
const tape = sampleTape(settings);
const PLAY_MS = 240_000;

/** What breaks in a few seeds when the ports of execution have this defect. */
async function brokenBy(
  defect: Defect,
  { successions, ...change }: Partial<Network> & { readonly successions?: readonly Succession[] } = {},
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const seed of [0, 1, 2]) {
    const network = { ...faultyNetwork(seed), ...change };
    problems.push(
      ...problemsOf(
        await runReplay({
          settings,
          tape,
          network,
          playMs: PLAY_MS,
          overrides: defect,
          ...(successions === undefined ? {} : { successions }),
        }),
      ),
    );
  }
  return problems;
}

// The simulation is worth something only if it finds what it looks for.
describe('a planted defect is found', () => {
  it('none, where none is planted', async () => {
    expect(await brokenBy({})).toEqual([]);
  });

  it('a client that sends an order again when its reply is lost', async () => {
    const found = await brokenBy({
      client: (client) => ({
        ...client,
        place: async (order, terms) => {
          const reply = await client.place(order, terms);
          return reply.kind === 'unknown' ? await client.place(order, terms) : reply;
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I1: the venue has more than one order/));
  });

  it('a database that lets a sender go on which has lost the fence', async () => {
    const store: Defect['store'] = (database) => {
      let own: Fence | undefined;
      return {
        ...database,
        raiseFence: async (wanted) => {
          own = wanted;
          return await database.raiseFence(wanted);
        },
        readFence: async () => own ?? (await database.readFence()),
        commitIntent: async (_fence, order) => await database.commitIntent(await database.readFence(), order),
      };
    };
    const found = await brokenBy({ store }, { successions: [{ afterMs: 60_000, kind: 'CutOff' }] });
    expect(found).toContainEqual(expect.stringMatching(/^I3: order .* of epoch 1 came after one of epoch 2/));
  });

  it('a database that says "committed" before it has', async () => {
    const found = await brokenBy({
      store: (database) => ({
        ...database,
        commitIntent: async (fence, order) => {
          void database.commitIntent(fence, order).catch(() => {});
          return await Promise.resolve('Committed');
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I4: the venue got order .* before its sender had word/));
  });

  it('a client that does not fetch the fills which the stream has lost', async () => {
    const found = await brokenBy({
      client: (client) => ({
        ...client,
        fills: async (symbol) => await client.fills(symbol, Number.MAX_SAFE_INTEGER),
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I5: fill .* at the venue and "absent" here/));
    expect(found).toContainEqual(expect.stringMatching(/^I5: cash/));
  });

  it('a database that loses approvals', async () => {
    const found = await brokenBy({
      store: (database) => ({
        ...database,
        findApproval: async () => await Promise.resolve(undefined),
        openApprovals: async (except) => {
          const waiting = await database.openApprovals(except);
          return { ...waiting, orders: waiting.orders.filter(({ decisionId }) => !decisionId.startsWith('cross')) };
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I2: .* was approved and has not ended/));
  });

  it('a client that takes a lost reply for a refusal', async () => {
    const found = await brokenBy({
      client: (client) => ({
        ...client,
        place: async (order, terms) => {
          const reply = await client.place(order, terms);
          return reply.kind === 'unknown' ? { kind: 'rejected', code: '-2013', message: 'not found' } : reply;
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I8: order .* is Rejected here, and the venue has taken it/));
  });

  it('a client that signs for longer than its settings say', async () => {
    const random = createRandom(1);
    const found = await brokenBy(
      {
        client: (client) => ({
          ...client,
          place: async (order, terms) => await client.place(order, { ...terms, recvWindowMs: 60_000 }),
        }),
      },
      { fate: () => (random() < 0.3 ? 'RequestLate' : 'Delivered'), lateMs: () => 9_000 },
    );
    expect(found).toContainEqual(expect.stringMatching(/^I8: order .* is NeverSent here, and the venue has taken it/));
  });

  it('a sender that does not know of its unknown orders', async () => {
    const found = await brokenBy({
      store: (database) => ({
        ...database,
        recordObservation: async (noted) => {
          const change = await database.recordObservation(noted);
          if (change?.order.state.kind !== 'Unknown') return change;
          return { ...change, order: { ...change.order, state: { kind: 'Open', venueOrderId: '' } } };
        },
        loadOrders: async (ids) => {
          const orders = await database.loadOrders(ids);
          return orders.map((order) =>
            order.state.kind === 'Unknown' ? { ...order, state: { kind: 'Open', venueOrderId: '' } } : order,
          );
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I8: .* buys XRP\/ETH while .* is unknown/));
  });

  describe('a successor that does not wait, while an order of its predecessor is under way to the end of its window', () => {
    const { simulator, execution } = settings;
    const stackId = execution.stack.id;
    // Something to sell, whatever the strategies hold.
    const balances = { ...simulator.balances, XRP: parseDecimal('1000') };
    const rich = { ...settings, simulator: { ...simulator, balances } };
    const succession: Succession = {
      afterMs: 60_000,
      kind: 'CutOff',
      // A sale: the order under way is unknown to the successor, which buys nothing beside it.
      approves: ({ request: { price, quantity } }) =>
        approvedOrder('sale', {
          clientOrderId: clientOrderIdOf(stackId, 'sale', 0, sha256),
          stack: stackId,
          side: 'sell',
          price,
          quantity,
        }),
    };
    const outcome = async (clockMs: number, lateMs: number, defect: Defect = {}) => {
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
    const hasty: Defect = {
      store: (database) => ({
        ...database,
        raiseFence: async (wanted) => {
          const { granted, before } = await database.raiseFence(wanted);
          return { granted, before: { ...before, holder: '' } };
        },
      }),
    };

    it.each([
      ['clocks that agree', 0, 1_990],
      ['a clock that is ahead by almost what is allowed', 490, 2_480],
      ['a clock that is behind by almost what is allowed', -490, 1_500],
    ])('is found with %s', async (_what, clockMs, lateMs) => {
      const found = problemsOf(await outcome(clockMs, lateMs, hasty));
      expect(found).toContainEqual(expect.stringMatching(/^I3: order .* of epoch 1 came after one of epoch 2/));
      const sound = await outcome(clockMs, lateMs);
      expect(problemsOf(sound)).toEqual([]);
      expect(new Set(sound.record.orders.map(({ epoch }) => epoch))).toEqual(new Set([1, 2]));
    });
  });
});
