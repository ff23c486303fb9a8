import { expect, it } from 'vitest';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import type { OrderStep } from '../../services/replay/core/order-step.ts';
import type { Side } from '../../services/shared/domain/side.ts';
import { releaseViolations } from './release-violations.ts';

const releases = [
  { epoch: 1, release: 'r1', afterSteps: 0, afterExitSteps: 0 },
  { epoch: 2, release: 'r2', afterSteps: 1, afterExitSteps: 2 },
];
const approvals = [
  { clientOrderId: 'a', release: 'r1' },
  { clientOrderId: 'b', release: 'r2' },
];

/** A step of an order; by default its intent. */
function intent(id: string, change: Partial<OrderStep> = {}): OrderStep {
  return { client_order_id: id, epoch: 1, symbol: 'XRP/ETH', side: 'buy', state: 'Intended', at_ms: 1, ...change };
}

function approval(id: string, side: Side = 'buy'): ExitStep {
  return { strategy: 'trend', symbol: 'XRP/ETH', at_ms: 1, kind: 'Approved', side, client_order_id: id };
}

const committed = (...steps: readonly OrderStep[]) => releaseViolations({ releases, approvals, steps, exitSteps: [] });
const approved = (...exitSteps: readonly ExitStep[]) =>
  releaseViolations({ releases, approvals, steps: [], exitSteps });

it('allows buys of the active release, sales of any, and what comes after an intent', () => {
  expect(committed(intent('a'), intent('b'), intent('a', { side: 'sell' }), intent('a', { state: 'Filled' }))).toEqual(
    [],
  );
  expect(approved(approval('a'), approval('b', 'sell'), approval('b'), approval('a', 'sell'))).toEqual([]);
});

it('finds a buy that another release has approved, committed before and after a change', () => {
  expect(committed(intent('b'), intent('a'))).toEqual([
    'I14: b of release r2 was committed while r1 was active',
    'I14: a of release r1 was committed while r2 was active',
  ]);
});

it('finds a buy that a release approves before it is active, and after another one is', () => {
  expect(approved(approval('b'), approval('a'), approval('a'))).toEqual([
    'I14: b of release r2 was approved while r1 was active',
    'I14: a of release r1 was approved while r2 was active',
  ]);
});

it('finds a buy without an approval', () => {
  expect(committed(intent('c'))).toEqual(['I14: c of release undefined was committed while r1 was active']);
});
