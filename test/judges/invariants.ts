import {
  absolute,
  add,
  formatDecimal,
  parseDecimal,
  subtract,
  ZERO,
  type Decimal,
} from '../../services/shared/domain/decimal.ts';
import type { VenueLogEntry } from '../../services/exchange-simulator/core/venue-log-entry.ts';
import type { OrderStateKind } from '../../services/shared/domain/orders/order.ts';
import { courseViolations, type Course } from './course-violations.ts';
import { FINAL_STATES } from './unfinished-orders.ts';

export interface OrderRow {
  readonly client_order_id: string;
  readonly epoch: string;
  /**
   * Commit time of the intent, UTC milliseconds, rounded down. The sender's own timestamp if the store keeps no commit
   * times.
   */
  readonly intended_ms: number;
  /**
   * The venue's last log entry when the sender learned of the commit: only later entries may be of this order. Makes
   * the check of I4 exact, where known.
   */
  readonly committed_after?: number;
  readonly state: string;
  /** What risk approved, where known. */
  readonly approved?: OrderTerms | undefined;
}

export interface OrderTerms {
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly price: string;
  readonly quantity: string;
}

export interface TradeRow {
  readonly venue_trade_id: string;
  readonly client_order_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly fee_asset: string;
}

/** Everything that the checks need, read while no order or fill is in flight. */
export interface Evidence {
  readonly log: readonly VenueLogEntry[];
  readonly orders: readonly OrderRow[];
  readonly trades: readonly TradeRow[];
  /** Base amount held per symbol, summed over strategies. */
  readonly positions: Readonly<Record<string, string>>;
  /** Balance per asset in our ledger and at the venue. */
  readonly ledger: Readonly<Record<string, string>>;
  readonly venue: Readonly<Record<string, string>>;
  /** History of the orders for I2 and a part of I8, where recorded. */
  readonly course?: Course;
}

/**
 * Returns every violation of I1, I3, I4, I5 and I8 of the order path, and of I2 where the history of the orders is
 * known, as text. Empty when all invariants hold.
 */
export function violationsOf(evidence: Evidence): readonly string[] {
  return [
    ...duplicates(evidence),
    ...epochs(evidence),
    ...intents(evidence),
    ...terms(evidence),
    ...fills(evidence),
    ...holdings(evidence),
    ...conclusions(evidence),
    ...(evidence.course === undefined ? [] : [...courseViolations(evidence.course), ...forgotten(evidence)]),
  ];
}

/** I1: each intent has at most one order at the venue. */
function duplicates({ log }: Evidence): readonly string[] {
  const placed = log.filter((entry) => entry.kind === 'placed').map((entry) => entry.clientOrderId ?? '');
  const twice = [...new Set(placed.filter((id, index) => placed.indexOf(id) !== index))];
  return twice.map((id) => `I1: the venue has more than one order ${id}`);
}

/** I3: epochs at the venue never decrease. */
function epochs({ log, orders }: Evidence): readonly string[] {
  const epochOf = new Map(orders.map((order) => [order.client_order_id, Number(order.epoch)]));
  let newest = 0;
  const found: string[] = [];
  for (const entry of log) {
    const epoch = entry.kind === 'placed' ? epochOf.get(entry.clientOrderId ?? '') : undefined;
    if (epoch === undefined) continue;
    if (epoch < newest)
      found.push(`I3: order ${entry.clientOrderId} of epoch ${epoch} came after one of epoch ${newest}`);
    newest = Math.max(newest, epoch);
  }
  return found;
}

/** I4: no order at the venue without an earlier committed intent. */
function intents({ log, orders }: Evidence): readonly string[] {
  const rows = new Map(orders.map((order) => [order.client_order_id, order]));
  return log.flatMap((entry) => {
    if (entry.kind !== 'placed' && entry.kind !== 'rejected') return [];
    const id = entry.clientOrderId ?? '';
    const row = rows.get(id);
    if (row === undefined) return [`I4: the venue got order ${id} without an intent`];
    const { intended_ms: intended, committed_after: committedAfter = 0 } = row;
    if (entry.seq <= committedAfter)
      return [`I4: the venue got order ${id} before its sender learned that the intent was committed`];
    const received = entry.receivedAt ?? entry.time;
    return intended <= received ? [] : [`I4: the intent of ${id} is ${intended - received} ms younger than the order`];
  });
}

/** I4: the venue got each order as it was approved, also one that it refused. */
function terms({ log, orders }: Evidence): readonly string[] {
  const approvedOf = new Map(orders.map(({ client_order_id: id, approved }) => [id, approved && termsText(approved)]));
  return log.flatMap((entry) => {
    const { kind, clientOrderId: id = '' } = entry;
    if (kind !== 'placed' && kind !== 'rejected') return [];
    const [there, approved] = [termsText(entry), approvedOf.get(id)];
    if (approved === undefined || approved === there) return [];
    const outcome = kind === 'placed' ? 'is at the venue' : 'was refused';
    return [`I4: order ${id} ${outcome} as ${there}, and was approved as ${approved}`];
  });
}

function termsText({ symbol = '', side = '', type = '', price = '0', quantity = '0' }: Partial<OrderTerms>): string {
  const [amount, limit] = [quantity, price].map((text) => formatDecimal(parseDecimal(text)));
  return `${type} ${side} ${amount} ${symbol} at ${limit}`;
}

/** Final states of an order that the venue never had. */
const NOT_ACCEPTED: ReadonlySet<string> = new Set(['NeverSent', 'Rejected'] satisfies OrderStateKind[]);

/** I8: an order that the venue accepted is never recorded as not accepted, nor one that it refused as accepted. */
function conclusions({ log, orders }: Evidence): readonly string[] {
  const idsOf = (wanted: VenueLogEntry['kind']) =>
    new Set(log.filter(({ kind }) => kind === wanted).map((entry) => entry.clientOrderId));
  const placed = idsOf('placed');
  const rejected = idsOf('rejected');
  return orders.flatMap(({ state, client_order_id: id }) => {
    if (NOT_ACCEPTED.has(state))
      return placed.has(id) ? [`I8: order ${id} is ${state} here, but the venue accepted it`] : [];
    const isRefused = FINAL_STATES.has(state) && rejected.has(id) && !placed.has(id);
    return isRefused ? [`I8: order ${id} is ${state} here, but the venue refused it`] : [];
  });
}

/** I8: an order that has ended here is not open at the venue. */
function forgotten({ log, orders }: Evidence): readonly string[] {
  const open = openOrders(log);
  return orders.flatMap(({ state, client_order_id: id }) =>
    FINAL_STATES.has(state) && open.has(id) ? [`I8: order ${id} is ${state} here, but open at the venue`] : [],
  );
}

function openOrders(log: Evidence['log']): ReadonlySet<string> {
  const left = new Map<string, Decimal>();
  for (const { kind, clientOrderId = '', quantity = '0' } of log) {
    if (kind === 'placed') left.set(clientOrderId, parseDecimal(quantity));
    else if (kind === 'cancelled') left.delete(clientOrderId);
    else if (kind === 'fill')
      left.set(clientOrderId, subtract(left.get(clientOrderId) ?? ZERO, parseDecimal(quantity)));
  }
  return new Set([...left].flatMap(([id, quantity]) => (quantity > ZERO ? [id] : [])));
}

/** I5, fills: the same trades with the same amounts on both sides. */
function fills({ log, trades }: Evidence): readonly string[] {
  const keyOf = (tradeId = '', clientOrderId = ''): string => `${tradeId} of ${clientOrderId}`;
  const ownSide = new Map(
    trades.map((trade) => [keyOf(trade.venue_trade_id, trade.client_order_id), lineOfRow(trade)]),
  );
  const venueSide = new Map(
    log
      .filter((entry) => entry.kind === 'fill')
      .map((entry) => [keyOf(entry.tradeId, entry.clientOrderId), lineOfEntry(entry)]),
  );
  const missing = [...venueSide].filter(([id, line]) => ownSide.get(id) !== line);
  const invented = [...ownSide.keys()].filter((id) => !venueSide.has(id));
  return [
    ...missing.map(
      ([id, line]) => `I5: fill ${id} is "${line}" at the venue and "${ownSide.get(id) ?? 'absent'}" here`,
    ),
    ...invented.map((id) => `I5: fill ${id} is unknown to the venue`),
  ];
}

/** I5, positions and cash: equal to the last digit. */
function holdings({ log, positions, ledger, venue }: Evidence): readonly string[] {
  const bought = new Map<string, Decimal>();
  for (const entry of log) {
    if (entry.kind !== 'fill') continue;
    const symbol = entry.symbol ?? '';
    const quantity = parseDecimal(entry.quantity ?? '0');
    const baseFee = entry.feeAsset === symbol.split('/')[0] ? parseDecimal(entry.fee ?? '0') : ZERO;
    const change = entry.side === 'buy' ? subtract(quantity, baseFee) : subtract(ZERO, add(quantity, baseFee));
    bought.set(symbol, add(bought.get(symbol) ?? ZERO, change));
  }
  return [
    ...differences(
      'position',
      positions,
      Object.fromEntries([...bought].map(([symbol, sum]) => [symbol, formatDecimal(sum)])),
    ),
    ...differences('cash', ledger, venue),
  ];
}

function differences(
  what: string,
  ownSide: Readonly<Record<string, string>>,
  venueSide: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(ownSide), ...Object.keys(venueSide)])].flatMap((key) => {
    const difference = subtract(parseDecimal(ownSide[key] ?? '0'), parseDecimal(venueSide[key] ?? '0'));
    return absolute(difference) === ZERO
      ? []
      : [`I5: ${what} of ${key} is ${ownSide[key]} here and ${venueSide[key]} at the venue`];
  });
}

function lineOfRow(row: TradeRow): string {
  return line([row.client_order_id, row.symbol, row.side], [row.price, row.quantity, row.fee], row.fee_asset);
}

function lineOfEntry(entry: VenueLogEntry): string {
  const amounts = [entry.price ?? '', entry.quantity ?? '', entry.fee ?? ''];
  return line([entry.clientOrderId ?? '', entry.symbol ?? '', entry.side ?? ''], amounts, entry.feeAsset ?? '');
}

function line(names: readonly string[], amounts: readonly string[], feeAsset: string): string {
  return [...names, ...amounts.map((amount) => formatDecimal(parseDecimal(amount))), feeAsset].join(' ');
}
