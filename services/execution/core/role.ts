import type { SenderRole, SenderStatus } from '../../shared/contracts/statusz.ts';

/** The fence in the database: who may send. */
export interface Fence {
  /** 0 before the first grant. */
  readonly epoch: number;
  /** Incarnation of the holder; empty when the last one has drained. */
  readonly holder: string;
}

export type RoleEvent =
  | { readonly kind: 'Warmed' }
  | { readonly kind: 'FenceRead'; readonly fence: Fence }
  | { readonly kind: 'Granted'; readonly epoch: number }
  | { readonly kind: 'Reconciled' }
  /** The database refused an intent: another sender has the fence. */
  | { readonly kind: 'IntentRefused' }
  /** The process is about to end. */
  | { readonly kind: 'Retired' };

export const WARMING: SenderStatus = { role: 'warming', epoch: 0, fenceEpoch: 0 };

/** The only place where the role changes. `self` is the incarnation of this process. */
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
  // A read that began before our own grant shows the epoch before it.
  if (current.epoch === 0 || fence.epoch < current.epoch) return current;
  return fence.epoch === current.epoch && fence.holder === self ? current : { ...current, role: 'fenced' };
}
