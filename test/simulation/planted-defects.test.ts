import { describe, expect, it } from 'vitest';
import type { Fence } from '../../services/execution/core/role.ts';
import { createRandom } from '../../services/exchange-simulator/core/random.ts';
import { parseDecimal, ZERO } from '../../services/shared/domain/decimal.ts';
import { clientOrderIdOf } from '../../services/shared/domain/ids.ts';
import { approvedOrder } from '../fixtures/approved-orders.ts';
import { sha256 } from '../../services/shared/runtime/sha256.ts';
import { faultyNetwork, QUIET_NETWORK, type Network } from '../../services/replay/core/network.ts';
import { SOUND_VENUE, type VenueFaults } from '../../services/replay/core/venue-faults.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import type { Succession } from '../../services/replay/senders.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';
import type { PortOverrides as Defect } from '../../services/replay/processes/execution-process.ts';
import { problemsOf } from './evidence.ts';
import { runLostReplies } from './models/lost-replies.ts';

const settings = sampleSettings();
const tape = sampleTape(settings);
const PLAY_MS = 240_000;

/** Returns what breaks in a few seeds when the ports of execution have this defect. */
async function brokenBy(
  defect: Defect,
  { successions, ...change }: Partial<Network> & { readonly successions?: readonly Succession[] } = {},
  venueFaults: VenueFaults = SOUND_VENUE,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const seed of [0, 1, 2, 3, 4, 5]) {
    const network = { ...faultyNetwork(seed), ...change };
    problems.push(
      ...problemsOf(
        await runReplay({
          settings,
          tape,
          network,
          venueFaults,
          playMs: PLAY_MS,
          overrides: defect,
          ...(successions === undefined ? {} : { successions }),
        }),
      ),
    );
  }
  return problems;
}

// The simulation is only useful if it detects the defects it exists for.
describe('simulation with a planted defect', () => {
  it('reports no problem without a defect', async () => {
    expect(await brokenBy({})).toEqual([]);
  });

  it('detects a client that resends an order when its reply is lost', async () => {
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

  it('detects a database that lets a sender continue after it lost the fence', async () => {
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

  it('detects a database that reports a commit before it has committed', async () => {
    const found = await brokenBy({
      store: (database) => ({
        ...database,
        commitIntent: async (fence, order) => {
          void database.commitIntent(fence, order).catch(() => {});
          return await Promise.resolve('Committed');
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I4: the venue got order .* before its sender learned/));
  });

  it('detects a client that does not fetch the fills that the stream lost', async () => {
    const found = await brokenBy({
      client: (client) => ({
        ...client,
        fills: async (symbol) => await client.fills(symbol, { fromMs: Number.MAX_SAFE_INTEGER - 1 }),
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I5: fill .* at the venue and "absent" here/));
    expect(found).toContainEqual(expect.stringMatching(/^I5: cash/));
  });

  it('detects a database that loses approvals', async () => {
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

  it('detects a client that treats a lost reply as a rejection', async () => {
    const found = await brokenBy({
      client: (client) => ({
        ...client,
        place: async (order, terms) => {
          const reply = await client.place(order, terms);
          return reply.kind === 'unknown' ? { kind: 'rejected', code: '-2013', message: 'not found' } : reply;
        },
      }),
    });
    expect(found).toContainEqual(expect.stringMatching(/^I8: order .* is Rejected here, but the venue accepted it/));
  });

  it('detects a client that treats a refusal as an order that ended', async () => {
    const refused = new Set<string>();
    const client: Defect['client'] = (sound) => ({
      ...sound,
      place: async (order, terms) => {
        const reply = await sound.place(order, terms);
        if (reply.kind !== 'rejected') return reply;
        refused.add(order.clientOrderId);
        return { kind: 'ok', value: { venueOrderId: 'none' } };
      },
      order: async (symbol, id) => {
        const reply = await sound.order(symbol, id);
        if (reply.kind !== 'notFound' || !refused.has(id)) return reply;
        const amounts = { price: ZERO, quantity: ZERO, executed: ZERO };
        const report = { venueOrderId: 'none', clientOrderId: id, symbol, side: 'buy', ...amounts } as const;
        return { kind: 'ok', value: { ...report, status: 'Cancelled', resting: false, createdAt: 0 } };
      },
    });
    const found = await brokenBy({ client }, {}, { ...SOUND_VENUE, orderRefusal: () => 'NoPrice' });
    expect(found).toContainEqual(expect.stringMatching(/^I8: order .* is Cancelled here, but the venue refused it/));
  });

  it('detects a client that signs with a longer recvWindow than configured', async () => {
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
    expect(found).toContainEqual(expect.stringMatching(/^I8: order .* is NeverSent here, but the venue accepted it/));
  });

  it('detects a sender that does not know of its unknown orders', async () => {
    const defect: Defect = {
      store: (database) => ({
        ...database,
        recordObservation: async (event) => {
          const change = await database.recordObservation(event);
          if (change?.order.state.kind !== 'Unknown') return change;
          return { ...change, order: { ...change.order, state: { kind: 'Open', venueOrderId: '' } } };
        },
        loadOrders: async (ids) => {
          const loaded = await database.loadOrders(ids);
          const orders = loaded.orders.map((order): typeof order =>
            order.state.kind === 'Unknown' ? { ...order, state: { kind: 'Open', venueOrderId: '' } } : order,
          );
          return { ...loaded, orders };
        },
      }),
    };
    // Only a buy that is decided while an order is unknown shows it, which not every run has.
    const isFound = (violation: string): boolean => /^I8: .* buys XRP\/ETH while .* is unknown/.test(violation);
    const found: string[] = [];
    for (let seed = 1; seed <= 8 && !found.some(isFound); seed += 1) {
      const random = createRandom(seed);
      found.push(...(await brokenBy(defect, { fate: () => (random() < 0.6 ? 'ReplyLost' : 'Delivered') })));
    }
    expect(found.filter(isFound)).not.toEqual([]);
  });

  it('detects a sender that cancels no buy in the way of an exit', async () => {
    const store: Defect['store'] = (database) => ({
      ...database,
      cancelRequests: async () => await Promise.resolve(new Set<string>()),
    });
    const idle = /^I9: nobody worked cross/;
    const bought = /^I9: breakout XRP\/ETH should be left and was bought for/;
    const found: string[] = [];
    const isFound = (wanted: RegExp): boolean => found.some((violation) => wanted.test(violation));
    for (let seed = 24; seed < 84 && !(isFound(idle) && isFound(bought)); seed += 1)
      found.push(...(await runLostReplies(seed, { store })).violations);
    expect([isFound(idle), isFound(bought)]).toEqual([true, true]);
  });

  describe('with a successor that does not wait for an order of its predecessor to leave its window', () => {
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
});
