import type { Decimal } from '../decimal.ts';
import type { Fill } from './fill.ts';
import type { OrderReport } from './order-report.ts';

/** A row of a venue's list that cannot be read. It concerns its own fill or order, and no other row. */
export interface UnreadRow<T> {
  /** As the venue sent it, cut where it is long. */
  readonly row: string;
  readonly problem: string;
  /** Digest of the whole row: its identity where its IDs cannot be read. */
  readonly digest: string;
  /** The parts that can be read. Amounts may be cut to our decimals: they are for comparisons only. */
  readonly known: Partial<T>;
}

/** `quoteQuantity`: what the fill moved in the quote asset, as the venue reports it. */
export type UnreadFill = UnreadRow<Fill & { readonly quoteQuantity: Decimal }>;
export type UnreadOrder = UnreadRow<OrderReport>;

/** An order in a venue's list of open orders. */
export type ListedOrder = OrderReport | UnreadOrder;

export function isUnread<T extends object>(one: T): one is Extract<T, UnreadRow<unknown>> {
  return 'problem' in one;
}

/** Returns our ID of a listed order: empty when the venue reports none, undefined when it cannot be read. */
export function listedIdOf(order: ListedOrder): string | undefined {
  return isUnread(order) ? order.known.clientOrderId : order.clientOrderId;
}
