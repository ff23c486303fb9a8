/** The fence in the database: who may send. */
export interface Fence {
  /** 0 before the first grant. */
  readonly epoch: number;
  /** Incarnation of the holder; empty when the last one has drained. */
  readonly holder: string;
}

/**
 * Modes of the sender. warming: starting, nothing known yet. armed: could be activated. activating: holds the fence, waits and reconciles.
 * active: sends. fenced: has lost the fence, for good; only a new process starts again.
 */
export type Role = 'warming' | 'armed' | 'activating' | 'active' | 'fenced';

export interface SenderRole {
  readonly role: Role;
  /** The epoch that this process holds; 0 while it holds none. */
  readonly epoch: number;
  /** The fence's epoch as last read. */
  readonly fenceEpoch: number;
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

export const WARMING: SenderRole = { role: 'warming', epoch: 0, fenceEpoch: 0 };

/** The only place where the role changes. `self` is the incarnation of this process. */
export function nextRole(current: SenderRole, event: RoleEvent, self: string): SenderRole {
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

function step(current: SenderRole, from: Role, to: Role): SenderRole {
  return current.role === from ? { ...current, role: to } : current;
}

function seen(current: SenderRole, fence: Fence): SenderRole {
  return { ...current, fenceEpoch: Math.max(current.fenceEpoch, fence.epoch) };
}

function afterRead(current: SenderRole, fence: Fence, self: string): SenderRole {
  // A read that began before our own grant shows the epoch before it.
  if (current.epoch === 0 || fence.epoch < current.epoch) return current;
  return fence.epoch === current.epoch && fence.holder === self ? current : { ...current, role: 'fenced' };
}
