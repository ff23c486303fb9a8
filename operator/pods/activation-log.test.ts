import { expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { createActivationMemory } from './activation-log.ts';

const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };

it('tells a refusal from silence, per pod, until it is accepted', () => {
  const memory = createActivationMemory({ clock: virtualClock() });
  memory.note(command, { kind: 'Refused', reason: 'the fence stands at 5' });
  const was = 'demo-execution-blue-0 was to send in epoch 3';
  expect(memory.problemOf('u')).toEqual({
    reason: 'ActivationRefused',
    message: `${was}: it refused: the fence stands at 5`,
  });
  expect(memory.problemOf('other')).toBeUndefined();
  memory.note(command, { kind: 'Unanswered', reason: 'timeout' });
  expect(memory.problemOf('u')).toEqual({ reason: 'ActivationUnanswered', message: `${was}: no answer: timeout` });
  memory.note(command, { kind: 'Accepted', reason: 'Held' });
  expect(memory.problemOf('u')).toBeUndefined();
});

it('forgets what is old', async () => {
  const clock = virtualClock();
  const memory = createActivationMemory({ clock });
  memory.note(command, { kind: 'Refused', reason: 'no' });
  await clock.advance(15_001);
  expect(memory.problemOf('u')).toBeUndefined();
});
