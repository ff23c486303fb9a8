import type { OrderReport } from '../../shared/domain/orders/order-report.ts';
import type { TradingVenue } from '../../shared/venue/trading-venue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import type { VenueAnswer } from '../core/approval-plan.ts';
import type { ApprovedOrder } from '../core/order-record.ts';

/** What the venue says of an order that may have been sent before. */
export interface Answer {
  readonly kind: VenueAnswer;
  readonly report?: OrderReport;
  /** Monotonic milliseconds at which the query was sent. */
  readonly askedAtMs: number;
}

interface Modules {
  readonly venue: Pick<TradingVenue, 'order'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Asks the venue whether it has an order. */
export async function askVenue({ symbol, clientOrderId }: ApprovedOrder, modules: Modules): Promise<Answer> {
  const { venue, clock, log } = modules;
  const askedAtMs = clock.monotonicMs();
  const reply = await venue.order(symbol, clientOrderId);
  if (reply.kind === 'ok') return { kind: 'Found', report: reply.value, askedAtMs };
  if (reply.kind === 'notFound') return { kind: 'Absent', askedAtMs };
  log.warn({ order: clientOrderId, reply }, 'venue does not say whether it has the order, not sent now');
  return { kind: 'NoAnswer', askedAtMs };
}
