import type { Decimal } from '../../shared/domain/decimal.ts';
import type { StopKind } from '../../shared/domain/stop.ts';
import type { Stance } from '../../shared/domain/stance.ts';

/** What happened to a position: what its strategy wants, what it holds, and who works it. Times are UTC ms. */
export type ExitStep = { readonly strategy: string; readonly symbol: string; readonly at_ms: number } & (
  | { readonly kind: 'Stance'; readonly stance: Stance }
  | { readonly kind: 'Held'; readonly quantity: Decimal }
  | { readonly kind: 'StopTriggered'; readonly stop: StopKind }
  /** An entry was approved: the stop of the position before ends. */
  | { readonly kind: 'Entered' }
  /** A decision about an order, approved (then with its client order ID) or refused. */
  | { readonly kind: 'Decided'; readonly client_order_id: string | undefined }
  | { readonly kind: 'Ended'; readonly client_order_id: string }
);
