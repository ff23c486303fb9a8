import type { Command, Rejected } from '../../exchange-simulator/core/events.ts';
import { rejectedOrder } from '../../exchange-simulator/core/matching-engine.ts';
import {
  EMPTY_BOOK,
  NO_BASE_FUNDS,
  NO_QUOTE_FUNDS,
  SUSPENDED,
  type VenueRefusal,
} from '../../exchange-simulator/core/venue-refusal.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { OrderRefusal, VenueFaults } from '../core/venue-faults.ts';

/** Returns the refusal of an order that arrives, as drawn; undefined when the market decides, as for a cancellation. */
export function refusedOrder(
  command: Command,
  { orderRefusal }: Pick<VenueFaults, 'orderRefusal'>,
  nowMs: number,
): Rejected | undefined {
  const refusal = command.kind === 'place' ? orderRefusal() : undefined;
  if (command.kind !== 'place' || refusal === undefined) return undefined;
  return rejectedOrder(command, replyTo(refusal, command.side), nowMs);
}

function replyTo(refusal: OrderRefusal, side: Side): VenueRefusal {
  if (refusal === 'NoPrice') return EMPTY_BOOK;
  if (refusal === 'Suspended') return SUSPENDED;
  return side === 'buy' ? NO_QUOTE_FUNDS : NO_BASE_FUNDS;
}
