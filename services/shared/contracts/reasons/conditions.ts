import { NO_ACTION, type ReasonTable } from './reason.ts';

/** Reasons of `status.conditions` and of events. A failing gate contributes its own reason, see the other tables. */
export const CONDITION_REASONS = {
  AllTiersPassed: { meaning: 'Every tier passed its gates.', remedy: NO_ACTION },
  RollingOut: { meaning: 'A tier has not passed its gates yet.', remedy: 'Wait, or follow BLOCKED-BY.' },
  GateFailed: {
    meaning: 'A gate of a tier that had passed fails.',
    remedy: 'Trading continues where it can. Follow BLOCKED-BY.',
  },
  TierDeadlineExceeded: {
    meaning: 'A tier did not pass its gates within rollout.tierDeadlineSeconds.',
    remedy: 'Fix what BLOCKED-BY names. The rollout resumes without further action.',
  },
  InvalidSpec: {
    meaning: 'The spec breaks a rule of its schema although it was admitted.',
    remedy: 'Correct the field that the message names. The running services are left as they are.',
  },
  NamespaceTaken: {
    meaning: 'The namespace belongs to another TradingStack.',
    remedy: 'Create this stack in a namespace of its own, or delete the other stack first.',
  },
  SenderActive: { meaning: 'Execution holds the fence and sends orders.', remedy: NO_ACTION },
  SenderInactive: { meaning: 'No process may send orders.', remedy: 'See the gate SenderActive.' },
  HaltRequested: {
    meaning: 'spec.halt is true, and risk and execution run with it.',
    remedy: 'To resume, set spec.halt to false.',
  },
  HaltPending: {
    meaning: 'spec.halt is true, but risk or execution does not run with it yet: orders may still be sent.',
    remedy:
      'Wait, and follow BLOCKED-BY. If it persists, scale the operator to 0 first, then the execution Deployment: see "Stop trading now".',
  },
  NotHalted: { meaning: 'spec.halt is false.', remedy: NO_ACTION },
  SuspendRequested: {
    meaning: 'spec.suspend is true: the operator changes nothing except for a halt.',
    remedy: 'To resume, set spec.suspend to false.',
  },
  NotSuspended: { meaning: 'spec.suspend is false.', remedy: NO_ACTION },
  Deleting: {
    meaning: 'The stack is being deleted, tiers in reverse order.',
    remedy: 'Wait. If it persists, see "Deletion hangs".',
  },
  AsExpected: { meaning: 'The condition does not apply.', remedy: NO_ACTION },
} as const satisfies ReasonTable;
