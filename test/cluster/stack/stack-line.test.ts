import { expect, it } from 'vitest';
import { stackLine } from './stack-line.ts';

const metadata = { name: 'demo', uid: '0123456789', generation: 1 };

it('shows the step of a rollout and what blocks it', () => {
  expect(stackLine({ metadata })).toBe('Pending, the operator has not seen it yet');
  const tiers = [
    { name: 'foundation', state: 'Passed' },
    { name: 'venue', state: 'Progressing' },
    { name: 'data', state: 'Waiting' },
  ];
  const status = {
    phase: 'Progressing',
    ready: '1/3',
    tiers,
    blockedBy: 'venue/Ready exchange-simulator: Starting - no answer yet',
  };
  expect(stackLine({ metadata, status })).toBe(
    'Progressing  ready 1/3  tier 2/3 venue  venue/Ready exchange-simulator: Starting - no answer yet',
  );
});

it('names the sender once there is one', () => {
  const tiers = [{ name: 'execution', state: 'Passed' }];
  const status = { phase: 'Running', ready: '1/1', tiers, execution: { active: 'blue', epoch: 4 }, blockedBy: '' };
  expect(stackLine({ metadata, status })).toBe('Running      ready 1/1  all 1 tiers  sender blue epoch 4');
});
