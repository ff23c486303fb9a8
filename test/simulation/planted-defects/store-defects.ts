import type { Fence } from '../../../services/execution/core/role.ts';
import type { ApprovedOrder, OrderRecord } from '../../../services/execution/core/order-record.ts';
import type { ExecutionStore, SharedEpoch } from '../../../services/execution/ports.ts';
import type { SourceState } from '../../../services/shared/domain/trading-state.ts';
import { lostReplies } from './lost-replies-run.ts';
import { orderPath, restingOrders, type PlantedDefect } from './planted-defect.ts';

const store = (wrap: (sound: ExecutionStore) => Partial<ExecutionStore>): ReturnType<PlantedDefect['overrides']> => ({
  store: (sound) => ({ ...sound, ...wrap(sound) }),
});

export const CUT_OFF = orderPath(() => ({ successions: [{ afterMs: 60_000, kind: 'CutOff' }] }));
const RESTING = restingOrders();
/** Of an approval that is sent, and of the end of one that is not. */
const LATER_MS = 120_000;

const REDIS_IS_UNAVAILABLE: SharedEpoch = {
  read: async () => await Promise.reject(new Error('closed')),
  write: async () => await Promise.reject(new Error('closed')),
};

/** Shows each process the fence that it was granted, and commits what it sends. */
export const oldPrimary = (): ReturnType<PlantedDefect['overrides']> =>
  store((sound) => {
    let own: Fence | undefined;
    return {
      raiseFence: async (wanted) => {
        own = wanted;
        return await sound.raiseFence(wanted);
      },
      readFence: async () => own ?? (await sound.readFence()),
      commitIntent: async ({ approvedBy }, order) =>
        await sound.commitIntent({ ...(await sound.readFence()), approvedBy }, order),
    };
  });

/** Mistakes in what execution records, and in what it reads of the record. */
export const STORE_DEFECTS: readonly PlantedDefect[] = [
  {
    name: 'a database that lets a sender continue after it lost the fence, and no Redis that has its successor',
    overrides: () => ({ ...oldPrimary(), sharedEpoch: REDIS_IS_UNAVAILABLE }),
    breaks: [/^I3: order .* of epoch 1 came after one of epoch 2/],
    run: CUT_OFF,
  },
  {
    name: 'a database that reports a commit before it has committed',
    overrides: () =>
      store((sound) => ({
        commitIntent: async (terms, order) => {
          void sound.commitIntent(terms, order).catch(() => {});
          return await Promise.resolve('Committed');
        },
      })),
    breaks: [/^I4: the venue got order .* before its sender learned/],
  },
  {
    name: 'a database that loses approvals',
    overrides: () =>
      store((sound) => ({
        findApproval: async () => await Promise.resolve(undefined),
        openApprovals: async (except) => {
          const waiting = await sound.openApprovals(except);
          return { ...waiting, orders: waiting.orders.filter(({ decisionId }) => !decisionId.startsWith('cross')) };
        },
      })),
    breaks: [/^I2: .* was approved and has not ended/],
  },
  {
    name: 'a database that reads the deadline of an approval two minutes late',
    overrides: () =>
      store((sound) => ({
        findApproval: async (id) => laterOf(await sound.findApproval(id)),
        openApprovals: async (except) => {
          const waiting = await sound.openApprovals(except);
          return { ...waiting, orders: waiting.orders.map((order) => laterOf(order) ?? order) };
        },
      })),
    breaks: [/^I15: no cancellation of .* was sent/],
    run: RESTING,
  },
  {
    name: 'a sender that ends every sale without sending it',
    overrides: () =>
      store((sound) => ({
        findApproval: async (id) => overIfSale(await sound.findApproval(id)),
        openApprovals: async (except) => {
          const waiting = await sound.openApprovals(except);
          return { ...waiting, orders: waiting.orders.map((order) => overIfSale(order) ?? order) };
        },
      })),
    breaks: [/^I9: no sale worked breakout XRP\/ETH/],
  },
  {
    name: 'a sender that does not know of its unknown orders',
    overrides: () =>
      store((sound) => ({
        recordObservation: async (event) => {
          const change = await sound.recordObservation(event);
          return change && { ...change, order: openInstead(change.order) };
        },
        loadOrders: async (ids) => {
          const loaded = await sound.loadOrders(ids);
          return { ...loaded, orders: loaded.orders.map(openInstead) };
        },
      })),
    breaks: [/^I8: .* buys XRP\/ETH while .* is unknown/],
    // Only a buy that is decided while an order is unknown shows it, which not every run has.
    run: orderPath((random) => ({ network: { fate: () => (random() < 0.6 ? 'ReplyLost' : 'Delivered') } })),
  },
  {
    name: 'a sender that cancels no buy in the way of an exit',
    overrides: () => store(() => ({ cancelRequests: async () => await Promise.resolve(new Set<string>()) })),
    breaks: [/^I9: no sale worked cross/, /^I9: breakout XRP\/ETH should be left and was bought for/],
    run: lostReplies,
  },
  {
    name: 'a sender that reads the trading state once',
    overrides: () =>
      store((sound) => {
        const first: Promise<readonly SourceState[]>[] = [];
        return {
          readTradingStates: async () => {
            if (first.length === 0) first.push(sound.readTradingStates());
            return (await first[0]) ?? [];
          },
        };
      }),
    breaks: [/^I15: no cancellation of .* was sent/],
    run: RESTING,
  },
  {
    name: 'a database that drops what it cannot record at once',
    overrides: () =>
      store((sound) => ({
        recordObservation: async (event) => await sound.recordObservation(event).catch(() => undefined),
      })),
    breaks: [/^execution-\d+ found \d+ Adopt/],
    run: orderPath((random) => ({ network: { losesStatement: () => random() < 0.02 } })),
  },
];

function laterOf(order: ApprovedOrder | undefined): ApprovedOrder | undefined {
  return order && { ...order, deadline: order.deadline + LATER_MS };
}

function overIfSale(order: ApprovedOrder | undefined): ApprovedOrder | undefined {
  return order?.side === 'sell' ? { ...order, deadline: order.decidedAt } : order;
}

function openInstead(order: OrderRecord): OrderRecord {
  return order.state.kind === 'Unknown' ? { ...order, state: { kind: 'Open', venueOrderId: '' } } : order;
}
