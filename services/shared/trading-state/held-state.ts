import { TRADING_STATES, type SourceState } from '../domain/trading-state.ts';

/** The state of one source, as a process holds it. */
export interface HeldState {
  readonly row: SourceState;
  /**
   * Blind: commanded before the record was read. Waiting: to be saved in the record, unless that has a newer one.
   * Saved: the record had it. Recorded: as a read of the record showed it.
   */
  readonly stage: 'Blind' | 'Waiting' | 'Saved' | 'Recorded';
}

export function isSaved({ stage }: HeldState): boolean {
  return stage === 'Saved' || stage === 'Recorded';
}

/** The most restrictive first, so that a bounded list never leaves out what decides. */
export function byRestriction(held: Iterable<HeldState>): readonly HeldState[] {
  return [...held].sort((a, b) => TRADING_STATES.indexOf(b.row.state) - TRADING_STATES.indexOf(a.row.state));
}

const FIELDS = ['source', 'state', 'author', 'reason', 'revision', 'sinceMs'] as const satisfies (keyof SourceState)[];

/** Whether both say the same. */
export function isEqual(a: HeldState, b: HeldState): boolean {
  return a.stage === b.stage && FIELDS.every((field) => a.row[field] === b.row[field]);
}
