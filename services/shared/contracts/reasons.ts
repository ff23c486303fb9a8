import { CHECK_REASONS } from './reasons/checks.ts';
import { CONDITION_REASONS } from './reasons/conditions.ts';
import { EVENT_REASONS } from './reasons/events.ts';
import { EXIT_REASONS } from './reasons/exits.ts';
import { GATE_REASONS } from './reasons/gates.ts';
import { ORDER_REASONS } from './reasons/orders.ts';
import type { ReasonTable } from './reasons/reason.ts';

/** A table of the runbook: its heading, and the reasons that a person meets there. */
export interface ReasonGroup {
  readonly title: string;
  readonly reasons: ReasonTable;
}

/** Every reason that this project emits, by where a person meets it. Kubernetes adds its own, such as ErrImagePull. */
export const REASON_GROUPS: readonly ReasonGroup[] = [
  { title: 'Conditions', reasons: CONDITION_REASONS },
  { title: 'Events', reasons: EVENT_REASONS },
  { title: 'Gates', reasons: GATE_REASONS },
  { title: 'Checks', reasons: CHECK_REASONS },
  { title: 'Process exits', reasons: EXIT_REASONS },
  { title: 'Orders', reasons: ORDER_REASONS },
];
