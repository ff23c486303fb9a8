import { expect, it } from 'vitest';
import type { ExecutionStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { colourOf, sendingColour } from './colours.ts';

it.each([
  ['its label', { 'tradingstack.dev/colour': 'blue' }],
  ['the first colour if the label is unknown', { 'tradingstack.dev/colour': 'red' }],
  ['the first colour without a label', {}],
])('returns the colour of a pod: %s', (_what, labels) => {
  expect(colourOf({ labels })).toBe('blue');
});

const lastSwap = { from: 'blue', to: 'green', epoch: 2, at: '2026-01-01T00:00:00.000Z' } as const;
const transition = { to: 'blue', epoch: 3, startedAt: '2026-01-01T00:00:00.000Z' } as const;

it.each<[string, ExecutionStatus, string]>([
  ['the one that sends', { active: 'green', epoch: 1, transition }, 'green'],
  ['the one that was last chosen, while none does', { active: 'none', epoch: 2, transition, lastSwap }, 'blue'],
  ['the one that sent last, while it does not answer', { active: 'Unknown', epoch: 2, lastSwap }, 'green'],
  ['the first one before any', { active: 'none', epoch: 0 }, 'blue'],
])('the colour that sends is %s', (_what, execution, colour) => {
  expect(sendingColour(execution)).toBe(colour);
});
