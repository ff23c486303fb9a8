import type { SenderRole, SenderStatus } from '../../shared/contracts/statusz.ts';

/** Fence row of the database: it decides who may send. */
export interface Fence {
  /** 0 before the first grant. */
  readonly epoch: number;
  /** Incarnation of the holder. Empty when the last holder has drained. */
  readonly holder: string;
}

export type RoleEvent =
  | { readonly kind: 'Warmed' }
  | { readonly kind: 'FenceRead'; readonly fence: Fence }
  | { readonly kind: 'Granted'; readonly epoch: number }
  | { readonly kind: 'Reconciled' }
  /** The database rejected an intent: another sender holds the fence. */
  | { readonly kind: 'IntentRefused' }
  /** The process is about to end. */
  | { readonly kind: 'Retired' };

export const WARMING: SenderStatus = { role: 'warming', epoch: 0, fenceEpoch: 0 };

/** Returns the next role; no other code changes it. `self` is the incarnation of this process. */
export function nextRole(current: SenderStatus, event: RoleEvent, self: string): SenderStatus {
  if (current.role === 'fenced') return event.kind === 'FenceRead' ? seen(current, event.fence) : current;
  switch (event.kind) {
    case 'Warmed':
      return step(current, 'warming', 'armed');
    case 'FenceRead':
      return afterRead(seen(current, event.fence), event.fence, self);
    case 'Granted':
      return { role: 'activating', epoch: event.epoch, fenceEpoch: Math.max(current.fenceEpoch, event.epoch) };
    case 'Reconciled':
      return step(current, 'activating', 'active');
    case 'IntentRefused':
    case 'Retired':
    default:
      return { ...current, role: 'fenced' };
  }
}

function step(current: SenderStatus, from: SenderRole, to: SenderRole): SenderStatus {
  return current.role === from ? { ...current, role: to } : current;
}

function seen(current: SenderStatus, fence: Fence): SenderStatus {
  return { ...current, fenceEpoch: Math.max(current.fenceEpoch, fence.epoch) };
}

function afterRead(current: SenderStatus, fence: Fence, self: string): SenderStatus {
  // A read that was issued before our grant shows an older epoch.
  if (current.epoch === 0 || fence.epoch < current.epoch) return current;
  return fence.epoch === current.epoch && fence.holder === self ? current : { ...current, role: 'fenced' };
}
