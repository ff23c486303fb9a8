import { REASON_GROUPS } from '../../../services/shared/contracts/reasons.ts';
import { GATE_MEANINGS } from '../../explain/gate-meanings.ts';

/** What a person should know and do about a problem. */
export interface Advice {
  readonly meaning: string;
  readonly remedy: string;
  /** Where the runbook has it: the heading and the row. */
  readonly runbook: string;
}

const RUNBOOK = 'docs/runbook.md';

/** Where a reason is met, in the words of the runbook's headings. */
export type ReasonPlace = 'Conditions' | 'Events' | 'Gates' | 'Checks' | 'Process exits' | 'Orders';

/** Returns the advice for a reason, from the first of the places that lists it; undefined for one of Kubernetes. */
export function adviceOf(reason: string, ...places: readonly ReasonPlace[]): Advice | undefined {
  for (const place of places) {
    const found = REASON_GROUPS.find(({ title }) => title === place)?.reasons[reason];
    if (found !== undefined) return { ...found, runbook: `${RUNBOOK}, "${place}", ${reason}` };
  }
  return undefined;
}

/** Returns what a gate checks and where to look first; undefined for a gate that this version does not know. */
export function gateAdvice(gate: string): Advice | undefined {
  const meaning = Object.entries(GATE_MEANINGS).find(([name]) => name === gate)?.[1];
  if (meaning === undefined) return undefined;
  return { meaning: meaning.checks, remedy: meaning.firstLook, runbook: `${RUNBOOK}, "Gates", ${gate}` };
}
