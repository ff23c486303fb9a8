import { expect, it } from 'vitest';
import type { RefusedAdmission } from '../../execution/core/admission.ts';
import type { RefusalCode } from '../../risk/core/checks/check-outcome.ts';
import { REASON_GROUPS } from './reasons.ts';
import { EVENT_REASONS } from './reasons/events.ts';
import { ORDER_REASONS } from './reasons/orders.ts';
import { NO_ACTION, type Reason } from './reasons/reason.ts';

it('explains every code with which risk or execution refuses an order', () => {
  // The compiler refuses this line when a code of the two unions has no entry.
  const explained: Readonly<Record<RefusalCode | RefusedAdmission, Reason>> = ORDER_REASONS;
  expect(explained.UnknownOrders.meaning).toContain('same symbol');
});

it('gives a reason that applies in two places its own meaning in each', () => {
  const meanings = REASON_GROUPS.flatMap(({ reasons }) =>
    Object.entries(reasons).map(([name, { meaning }]) => `${name}: ${meaning}`),
  );
  expect(meanings.filter((meaning, index) => meanings.indexOf(meaning) !== index)).toEqual([]);
});

it.each(['TierDegraded', 'SenderLost', 'SenderUnknown'] as const)('says what to do about the event %s', (reason) => {
  expect(EVENT_REASONS[reason].remedy).not.toBe(NO_ACTION);
});
