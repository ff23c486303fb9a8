import type { ActivationOutcome } from '../../../../operator/pods/post-activate.ts';
import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import {
  ACTIVATION_CHECK,
  type ActivationStatus,
  type Statusz,
} from '../../../../services/shared/contracts/statusz.ts';

/** The row that says which release decides, of a service of which only one does. It outlives every process. */
export interface DecidingRelease {
  /** Releases that were made active, in order. */
  readonly decided: readonly string[];
  /**
   * Makes the release of a process the active one if the epoch is above the current one, as the row in the database
   * does. Undefined if no process answers.
   */
  activate(release: string | undefined, epoch: number): ActivationOutcome;
  /** Adds to the status of a process what it reads in the row. */
  shownBy(statusz: Statusz): Statusz;
}

export function decidingRelease(): DecidingRelease {
  const decided: string[] = [];
  let active: Row | undefined;
  return {
    decided,
    activate: (release, epoch) => {
      if (release === undefined) return { kind: 'Unanswered', reason: 'connection refused' };
      if (active === undefined || epoch > active.epoch) active = { release, epoch };
      if (active.release !== release || active.epoch !== epoch)
        return { kind: 'Refused', reason: `release ${active.release} is active in epoch ${active.epoch}` };
      decided.push(release);
      return { kind: 'Accepted', reason: '' };
    },
    shownBy: (statusz) => {
      const row = CATALOGUE.find(({ name }) => name === statusz.service);
      return row?.oneReleaseDecides === true ? withActivation(statusz, active) : statusz;
    },
  };
}

interface Row {
  readonly release: string;
  readonly epoch: number;
}

function withActivation(statusz: Statusz, active: Row | undefined): Statusz {
  const decides = active?.release === statusz.release;
  const check = decides
    ? { name: ACTIVATION_CHECK, ok: true, reason: 'Ok', message: '' }
    : { name: ACTIVATION_CHECK, ok: false, reason: 'ReleaseArmed', message: 'another release decides, or none' };
  const activation: ActivationStatus = {
    role: decides ? 'active' : 'armed',
    epoch: active?.epoch ?? 0,
    release: active?.release ?? null,
  };
  return { ...statusz, ready: statusz.ready && decides, checks: [...statusz.checks, check], activation };
}
