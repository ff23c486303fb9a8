import { formatDecimal, add, ZERO, type Decimal } from '../../services/shared/domain/decimal.ts';
import { balancesOf } from '../../services/shared/domain/ledger.ts';
import { isTerminal } from '../../services/shared/domain/order.ts';
import { violationsOf } from '../support/invariants.ts';
import type { SimulationResult } from './paper-simulation.ts';

/**
 * Everything that broke in a run, in words: the invariants I1, I3, I4 and I5 as the judge of the end-to-end tests has them, I2 (each approval has
 * exactly one order, and each order has ended), and what the run itself reported.
 */
export function problemsOf({ record, venue, breaches }: SimulationResult): readonly string[] {
  const positions = new Map<string, Decimal>();
  for (const { symbol, quantity } of record.positions()) {
    positions.set(symbol, add(positions.get(symbol) ?? ZERO, quantity));
  }
  const orders = [...record.orders.values()];
  return [
    ...breaches,
    ...violationsOf({
      log: venue.log,
      orders: orders.map(({ request, epoch, intendedAt, state }) => ({
        client_order_id: request.clientOrderId,
        epoch: String(epoch),
        intended_ms: intendedAt,
        state: state.kind,
      })),
      trades: record.fills.map((fill) => ({
        venue_trade_id: fill.venueTradeId,
        client_order_id: fill.clientOrderId,
        symbol: fill.symbol,
        side: fill.side,
        price: formatDecimal(fill.price),
        quantity: formatDecimal(fill.quantity),
        fee: formatDecimal(fill.fee),
        fee_asset: fill.feeAsset,
      })),
      positions: texts(positions),
      ledger: texts(balancesOf(record.postings, 'venue')),
      venue: texts(venue.holdings()),
    }),
    ...record.approved
      .filter(({ clientOrderId }) => !record.orders.has(clientOrderId))
      .map(({ clientOrderId }) => `I2: the approval ${clientOrderId} never came to an end`),
    ...orders
      .filter(({ state }) => !isTerminal(state))
      .map(({ request, state }) => `I2: order ${request.clientOrderId} is ${state.kind} at the end`),
  ];
}

function texts(amounts: ReadonlyMap<string, Decimal>): Readonly<Record<string, string>> {
  return Object.fromEntries([...amounts].map(([key, amount]) => [key, formatDecimal(amount)]));
}
