import { isUnread, type ListedOrder } from '../../../shared/domain/orders/unread-row.ts';

/** Whose a listed order is. Unknown: its row cannot be read, and does not say. */
export type ListedOwner =
  | { readonly kind: 'Ours'; readonly clientOrderId: string }
  | { readonly kind: 'Theirs' }
  | { readonly kind: 'Unknown' };

export interface OwnOrders {
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  /** Returns our ID of our order that has not ended, by the venue's. */
  readonly liveIdOf: (venueOrderId: string) => string | undefined;
}

/**
 * Returns whose an open order is: ours by our ID or the venue's, somebody else's by an ID without our tag. One that is
 * placed by hand has no such ID. So has a row that is damaged: only where the row can be read, none means a hand.
 */
export function ownerOf(order: ListedOrder, { tag, liveIdOf }: OwnOrders): ListedOwner {
  const { clientOrderId = '', venueOrderId = '' } = isUnread(order) ? order.known : order;
  if (clientOrderId.startsWith(tag)) return { kind: 'Ours', clientOrderId };
  const liveId = liveIdOf(venueOrderId);
  if (liveId !== undefined) return { kind: 'Ours', clientOrderId: liveId };
  return { kind: clientOrderId === '' && isUnread(order) ? 'Unknown' : 'Theirs' };
}
