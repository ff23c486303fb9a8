import type { ExecutionSettings } from '../shared/contracts/services/execution.ts';
import type { Decimal } from '../shared/domain/decimal.ts';
import type { Instrument } from '../shared/domain/instrument.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import type { TradingStates } from '../shared/trading-state/trading-states.ts';
import type { TradingVenue } from '../shared/venue/trading-venue.ts';
import type { UnreadFramesOptions } from '../shared/venue/unread-frames.ts';
import type { ExecutionMetrics } from './metrics.ts';
import type { CancellerOptions } from './orders/canceller.ts';
import type { ExecutionStore, SharedBudget, SharedEpoch } from './ports.ts';

/** What the service is built from. */
export interface ExecutionOptions {
  readonly settings: ExecutionSettings;
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly incarnation: string;
  readonly store: ExecutionStore;
  readonly states: TradingStates;
  readonly venue: TradingVenue;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly marks: () => ReadonlyMap<string, Decimal>;
  readonly bestBid: CancellerOptions['bestBid'];
  /** Stores unreadable frames of the private stream. */
  readonly keepFrame: UnreadFramesOptions['store'];
  /** Publishes what the outbox has, within about a second, before the fence is released. Never rejects. */
  readonly flushOutbox: () => Promise<void>;
  /** Request budget of the venue account. */
  readonly budget: SharedBudget;
  readonly sharedEpoch: SharedEpoch;
  readonly metrics: ExecutionMetrics;
  readonly clock: Clock;
  readonly log: Logger;
}
