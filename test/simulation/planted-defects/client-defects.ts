import { add, parseDecimal, ZERO } from '../../../services/shared/domain/decimal.ts';
import type { OrderReport } from '../../../services/shared/domain/orders/order-report.ts';
import { client, orderPath, restingOrders, type PlantedDefect } from './planted-defect.ts';
import { lostReplies } from './lost-replies-run.ts';

/** No price has as many decimals. */
const OFF_TICK = parseDecimal('0.0000000000001');

/** Mistakes in what sends orders and cancellations to the venue, and reads what becomes of them. */
export const CLIENT_DEFECTS: readonly PlantedDefect[] = [
  {
    name: 'a client that resends an order when its reply is lost',
    overrides: () =>
      client((sound) => ({
        place: async (order, terms) => {
          const reply = await sound.place(order, terms);
          return reply.kind === 'unknown' ? await sound.place(order, terms) : reply;
        },
      })),
    breaks: [/^I1: the venue has more than one order/],
  },
  {
    name: 'a client that treats a lost reply as a rejection',
    overrides: () =>
      client((sound) => ({
        place: async (order, terms) => {
          const reply = await sound.place(order, terms);
          return reply.kind === 'unknown' ? { kind: 'rejected', code: '-2013', message: 'not found' } : reply;
        },
      })),
    breaks: [/^I8: order .* is Rejected here, but the venue accepted it/],
  },
  {
    name: 'a client that treats a refusal as an order that ended',
    overrides: () => {
      const refused = new Set<string>();
      return client((sound) => ({
        place: async (order, terms) => {
          const reply = await sound.place(order, terms);
          if (reply.kind !== 'rejected') return reply;
          refused.add(order.clientOrderId);
          return { kind: 'ok', value: { venueOrderId: 'none' } };
        },
        order: async (symbol, id) => {
          const reply = await sound.order(symbol, id);
          return reply.kind === 'notFound' && refused.has(id) ? { kind: 'ok', value: endedOrder(symbol, id) } : reply;
        },
      }));
    },
    breaks: [/^I8: order .* is Cancelled here, but the venue refused it/],
    run: orderPath(() => ({ venueFaults: { orderRefusal: () => 'NoPrice' } })),
  },
  {
    name: 'a client that signs with a longer recvWindow than configured',
    overrides: () =>
      client((sound) => ({
        place: async (order, terms) => await sound.place(order, { ...terms, recvWindowMs: 60_000 }),
      })),
    breaks: [/^I8: order .* is NeverSent here, but the venue accepted it/],
    run: orderPath((random) => ({
      network: { fate: () => (random() < 0.3 ? 'RequestLate' : 'Delivered'), lateMs: () => 9_000 },
    })),
  },
  {
    name: 'a client that takes "no such order" for a cancelled one',
    overrides: () =>
      client((sound) => ({
        order: async (symbol, id) => {
          const reply = await sound.order(symbol, id);
          return reply.kind === 'notFound' ? { kind: 'ok', value: endedOrder(symbol, id) } : reply;
        },
      })),
    breaks: [/fills came after the end of their order/],
    run: lostReplies,
  },
  {
    name: 'a client that cancels by a wrong ID, and takes that for the end of the order',
    overrides: () => {
      const cancelled = new Set<string>();
      return client((sound) => ({
        cancel: async (symbol, id) => {
          cancelled.add(id);
          return await sound.cancel(symbol, id.slice(1));
        },
        order: async (symbol, id) => {
          const reply = await sound.order(symbol, id);
          return reply.kind === 'ok' && cancelled.has(id)
            ? { kind: 'ok', value: { ...reply.value, status: 'Cancelled' } }
            : reply;
        },
      }));
    },
    breaks: [/^I8: order .* is Cancelled here, but open at the venue/],
    run: restingOrders(),
  },
  {
    name: 'a client that reports an order as ended before it counts what was executed',
    overrides: () =>
      client((sound) => ({
        order: async (symbol, id) => {
          const reply = await sound.order(symbol, id);
          const isFilled = reply.kind === 'ok' && reply.value.status === 'Filled';
          return isFilled ? { kind: 'ok', value: { ...reply.value, status: 'Cancelled', executed: ZERO } } : reply;
        },
      })),
    breaks: [/fills came after the end of their order/],
    run: lostReplies,
  },
  {
    name: 'a client that answers cancellations that it does not send',
    overrides: () => client(() => ({ cancel: async () => await Promise.resolve({ kind: 'ok', value: undefined }) })),
    breaks: [/^I15: no cancellation of .* was sent/],
    run: lostReplies,
  },
  {
    name: 'a canceller that asks for each cancellation once only',
    overrides: () => {
      const requested = new Set<string>();
      return client((sound) => ({
        cancel: async (symbol, id) => {
          if (requested.has(id)) return { kind: 'ok', value: undefined };
          requested.add(id);
          return await sound.cancel(symbol, id);
        },
      }));
    },
    breaks: [/^I15: no cancellation of .* was sent/],
    run: restingOrders((random) => ({ network: { fate: () => (random() < 0.3 ? 'RequestLost' : 'Delivered') } })),
  },
  {
    name: 'a client that sends another quantity than was approved',
    overrides: () =>
      client((sound) => ({
        place: async (order, terms) =>
          await sound.place({ ...order, quantity: add(order.quantity, order.quantity) }, terms),
      })),
    breaks: [/^I4: order .* is at the venue as/],
  },
  {
    name: 'a sender that garbles the terms of sales so that the venue rejects them',
    overrides: () =>
      client((sound) => ({
        place: async (order, terms) =>
          await sound.place(order.side === 'sell' ? { ...order, price: add(order.price, OFF_TICK) } : order, terms),
      })),
    breaks: [/^I4: order .* was refused as .* sell .*, and was approved as/],
  },
  {
    name: 'a client that lets an order rest that was approved as one that takes or ends',
    overrides: () =>
      client((sound) => ({ place: async (order, terms) => await sound.place({ ...order, type: 'LIMIT' }, terms) })),
    breaks: [/^I4: order .* is at the venue as LIMIT .* approved as IMMEDIATE_OR_CANCEL/],
  },
];

function endedOrder(symbol: string, clientOrderId: string): OrderReport {
  const amounts = { price: ZERO, quantity: ZERO, executed: ZERO };
  const report = { venueOrderId: 'none', clientOrderId, symbol, side: 'buy', ...amounts } as const;
  return { ...report, status: 'Cancelled', resting: false, createdAt: 0 };
}
