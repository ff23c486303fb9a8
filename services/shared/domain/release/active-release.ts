/** The release of risk that decides, as the record has it. One row of a stack, which risk and execution both read. */
export interface ActiveRelease {
  /** Grows with each change of the release. */
  readonly epoch: number;
  /** Service hash of risk. */
  readonly release: string;
}

/** Longer than the time between two renewals, and than a short outage of Postgres or a pause of the process. */
export const SILENT_MS = 5_000;

/** The row as a look at it returns it. */
export interface SeenRelease extends ActiveRelease {
  /** When a process of the release was heard last, by the clock of the record: compare it with another look only. */
  readonly heardAtMs: number;
  /** For how long it has been the active one. */
  readonly activeForMs: number;
}

/** The row with what it means for a decision. */
export interface ObservedRelease extends ActiveRelease {
  /** Whether no process of the release has been heard for SILENT_MS. */
  readonly isStale: boolean;
}

/** What a process of risk may decide: everything, exits only because no process is known to decide, or nothing. */
export type DecisionScope = 'All' | 'Exits' | 'None';

/**
 * Returns what a process of a release may decide. While no release is active, or the active one is silent, no new risk
 * is taken, and no exit is refused: exits are decided one after the other under the lock of the stack, so that several
 * processes work none of them twice.
 */
export function decisionScope(active: ObservedRelease | undefined, release: string): DecisionScope {
  if (active?.release === release) return 'All';
  return active === undefined || active.isStale ? 'Exits' : 'None';
}

/** Outcome where this process may not decide: another release is active, or none is and the order is no exit. */
export const NOT_ACTIVE = { kind: 'NoAction', reason: 'NotActiveRelease' } as const;

/** Why an entry is not sent: another release than the one that approved it is active, or none is. */
export type ReleaseRefusal = 'OtherRelease' | 'ReleaseUnknown';

/** Returns why execution takes no entry that a release has approved; undefined if it does. */
export function releaseRefusal(
  active: Pick<ActiveRelease, 'release'> | undefined,
  approvedBy: string | undefined,
): ReleaseRefusal | undefined {
  if (active === undefined) return 'ReleaseUnknown';
  return active.release === approvedBy ? undefined : 'OtherRelease';
}
