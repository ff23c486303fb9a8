import { expect, it } from 'vitest';
import type { RefusedAdmission } from '../../execution/core/admission.ts';
import type { RefusalCode } from '../../risk/core/checks/check-outcome.ts';
import { REASON_GROUPS } from './reasons.ts';
import { CHECK_REASONS } from './reasons/checks.ts';
import { ORDER_REASONS } from './reasons/orders.ts';
import type { Reason } from './reasons/reason.ts';

it('explains every code with which risk or execution refuses an order', () => {
  // The compiler refuses this line when a code of the two unions has no entry.
  const explained: Readonly<Record<RefusalCode | RefusedAdmission, Reason>> = { ...CHECK_REASONS, ...ORDER_REASONS };
  expect(explained.FeedStale).toBe(CHECK_REASONS.FeedStale);
});

it('explains each reason once', () => {
  const reasons = REASON_GROUPS.flatMap(({ reasons: group }) => Object.keys(group));
  expect(reasons.filter((reason, index) => reasons.indexOf(reason) !== index)).toEqual([]);
});
