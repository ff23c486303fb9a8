import type { Decimal } from '../../shared/domain/decimal.ts';
import type { TerminalState } from '../../shared/domain/orders/order.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { StopKind } from '../../shared/domain/stop.ts';
import type { Stance } from '../../shared/domain/stance.ts';

/**
 * What happened to a position: what its strategy wants, what it holds, and who works it. Times are UTC ms, `bar_close`,
 * `changed_at` and `reached_at` too.
 */
export type ExitStep = { readonly strategy: string; readonly symbol: string; readonly at_ms: number } &
  /** Risk accepted what the strategy wants, since `changed_at`. */
  (
    | { readonly kind: 'Stance'; readonly stance: Stance; readonly bar_close: number; readonly changed_at: number }
    /** A signal is about to be published. */
    | { readonly kind: 'Signalled'; readonly bar_close: number }
    | { readonly kind: 'Held'; readonly quantity: Decimal }
    /** A stop was stored that had been reached at `reached_at`. */
    | { readonly kind: 'StopTriggered'; readonly stop: StopKind; readonly reached_at: number }
    /** An order was approved. A buy of a stance that began after a stop ends that stop. */
    | { readonly kind: 'Approved'; readonly side: Side; readonly client_order_id: string }
    /** An order was refused. */
    | { readonly kind: 'Refused'; readonly code: string }
    | { readonly kind: 'Ended'; readonly side: Side; readonly client_order_id: string; readonly state: TerminalState }
  );
