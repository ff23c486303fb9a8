import type { CanaryTerms } from '../../shared/contracts/control.ts';
import type { SenderRole } from '../../shared/contracts/statusz.ts';

/** Fence row of the database: it decides who may send. */
export interface Fence {
  /** 0 before the first grant. */
  readonly epoch: number;
  /** Incarnation of the holder. Empty when the last holder has drained. */
  readonly holder: string;
  /** What bounds the entries of this epoch. Undefined: nothing but the limits. */
  readonly canary?: CanaryTerms | undefined;
}

/**
 * Why a process may never send again. Fenced: a newer epoch exists, or the process retires. FenceWentBack: the fence is
 * below the epoch that this process was granted. RecordWentBack: the database may have lost commits. After the latter
 * two, another process could hold the same epoch, or an order could be sent twice. RecordStale: a newer epoch exists,
 * and the database that this process reaches does not show it.
 */
export type Loss = 'Fenced' | 'FenceWentBack' | 'RecordWentBack' | 'RecordStale';

/** What a process knows of its right to send. */
export interface SenderState {
  readonly role: SenderRole;
  /** Epoch that this process holds; 0 if it holds none. */
  readonly epoch: number;
  /** Epoch of the fence, as last read. */
  readonly fenceEpoch: number;
  /** Reads in a row, up to the last one, that showed an epoch below ours. */
  readonly lowerReads: number;
  readonly loss: Loss | undefined;
  /** Newest epoch that this process was ever granted; 0 before the first. */
  readonly newestEpoch: number;
  /** The newer epoch that another process announced apart from the database; 0 when none is known. */
  readonly announcedEpoch: number;
  /** Whether the venue has been reconciled with since the grant. */
  readonly reconciled: boolean;
}

export type RoleEvent =
  | { readonly kind: 'Warmed' }
  | { readonly kind: 'FenceRead'; readonly fence: Fence }
  | { readonly kind: 'Granted'; readonly epoch: number }
  | { readonly kind: 'Reconciled' }
  | { readonly kind: 'DrainRequested' }
  /** The fence is released: nothing is in flight, and every outcome is known. */
  | { readonly kind: 'Released' }
  | LosingEvent;

/** After one of these, a process never sends again. */
type LosingEvent =
  /** The database rejected an intent: another sender holds the fence. */
  | { readonly kind: 'IntentRefused' }
  | { readonly kind: 'RecordWentBack' }
  /** Another process announced a newer epoch. */
  | { readonly kind: 'Superseded'; readonly epoch: number }
  /** The fence was read after that, and does not show it: only a process that is superseded learns this. */
  | { readonly kind: 'ReadStale' }
  /** The process is about to end. */
  | { readonly kind: 'Retired' };

export const WARMING: SenderState = {
  role: 'warming',
  epoch: 0,
  fenceEpoch: 0,
  lowerReads: 0,
  loss: undefined,
  newestEpoch: 0,
  announcedEpoch: 0,
  reconciled: false,
};

/** One lower read may have been issued before the grant. Reads are serial, so a second one was issued after it. */
const LOWER_READS = 2;

/**
 * Returns the next state; no other code changes it. `self` is the incarnation of this process. A process holds at most
 * one epoch at a time, takes only epochs above all that it has held, and none once it is fenced or stops.
 */
export function nextRole(current: SenderState, event: RoleEvent, self: string): SenderState {
  if (current.role === 'fenced') return afterLoss(current, event);
  if (event.kind === 'ReadStale') return current;
  if (event.kind === 'Superseded') return lost({ ...current, announcedEpoch: event.epoch }, 'Fenced');
  return event.kind === 'RecordWentBack' || event.kind === 'IntentRefused' || event.kind === 'Retired'
    ? lost(current, lossOf(current, event.kind))
    : changed(current, event, self);
}

function afterLoss(current: SenderState, event: RoleEvent): SenderState {
  if (event.kind === 'FenceRead') return { ...current, fenceEpoch: event.fence.epoch };
  return event.kind === 'ReadStale' && current.announcedEpoch > 0 ? { ...current, loss: 'RecordStale' } : current;
}

function changed(current: SenderState, event: Exclude<RoleEvent, LosingEvent>, self: string): SenderState {
  switch (event.kind) {
    case 'Warmed':
      return step(current, 'warming', 'armed');
    case 'FenceRead':
      return afterRead(current, event.fence, self);
    case 'Granted':
      return granted(current, event.epoch);
    case 'Reconciled':
      return reconciled(current);
    case 'DrainRequested':
      return isHolding(current.role) ? { ...current, role: 'draining' } : current;
    case 'Released':
    default:
      return released(current);
  }
}

/** Whether a process in this role holds the fence. */
export function isHolding(role: SenderRole): boolean {
  return role === 'activating' || role === 'active' || role === 'draining';
}

/** Whether a process in this role may be granted `epoch`. */
export function mayTake({ role, newestEpoch }: Pick<SenderState, 'role' | 'newestEpoch'>, epoch: number): boolean {
  return (role === 'armed' || role === 'standby') && epoch > newestEpoch;
}

function granted(current: SenderState, epoch: number): SenderState {
  if (!mayTake(current, epoch)) return current;
  return { ...WARMING, role: 'activating', epoch, fenceEpoch: epoch, newestEpoch: epoch };
}

/** A drain of a process that was not active yet goes on: only now does it know what older senders left behind. */
function reconciled(current: SenderState): SenderState {
  if (current.role === 'draining') return { ...current, reconciled: true };
  return current.role === 'activating' ? { ...current, role: 'active', reconciled: true } : current;
}

function released(current: SenderState): SenderState {
  if (current.role !== 'draining' || !current.reconciled) return current;
  return { ...current, role: 'standby', epoch: 0, lowerReads: 0, reconciled: false };
}

function lossOf({ lowerReads }: SenderState, kind: LosingEvent['kind']): Loss {
  if (kind === 'RecordWentBack') return kind;
  return kind === 'IntentRefused' && lowerReads > 0 ? 'FenceWentBack' : 'Fenced';
}

function step(current: SenderState, from: SenderRole, to: SenderRole): SenderState {
  return current.role === from ? { ...current, role: to } : current;
}

function lost(current: SenderState, loss: Loss): SenderState {
  return { ...current, role: 'fenced', loss };
}

function afterRead(current: SenderState, fence: Fence, self: string): SenderState {
  const { epoch } = current;
  if (epoch > 0 && fence.epoch < epoch) {
    const lowerReads = current.lowerReads + 1;
    if (lowerReads < LOWER_READS) return { ...current, lowerReads };
    return lost({ ...current, fenceEpoch: fence.epoch, lowerReads }, 'FenceWentBack');
  }
  const read = { ...current, fenceEpoch: fence.epoch, lowerReads: 0 };
  if (epoch === 0 || (fence.epoch === epoch && fence.holder === self)) return read;
  // Its own release, whose answer has not arrived or was lost.
  if (current.role === 'draining' && fence.epoch === epoch && fence.holder === '') return read;
  return lost(read, 'Fenced');
}
