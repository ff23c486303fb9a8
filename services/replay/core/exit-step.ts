import type { Decimal } from '../../shared/domain/decimal.ts';
import type { TerminalState } from '../../shared/domain/orders/order.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { StopKind } from '../../shared/domain/stop.ts';
import type { Stance } from '../../shared/domain/stance.ts';

/**
 * What happened to a position: what its strategy wants, what it holds, and who works it. Times are UTC ms, `bar_close`
 * too.
 */
export type ExitStep = { readonly strategy: string; readonly symbol: string; readonly at_ms: number } & (
  | { readonly kind: 'Stance'; readonly stance: Stance; readonly bar_close: number }
  /** A signal is about to be published. */
  | { readonly kind: 'Signalled'; readonly bar_close: number }
  | { readonly kind: 'Held'; readonly quantity: Decimal }
  | { readonly kind: 'StopTriggered'; readonly stop: StopKind }
  /** An order was approved. A buy of a stance that began after a stop ends that stop. */
  | { readonly kind: 'Approved'; readonly side: Side; readonly client_order_id: string }
  /** An order was refused. */
  | { readonly kind: 'Refused'; readonly code: string }
  | { readonly kind: 'Ended'; readonly side: Side; readonly client_order_id: string; readonly state: TerminalState }
);
