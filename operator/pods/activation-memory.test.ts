import { expect, it } from 'vitest';
import { virtualClock } from '../../test/harness/virtual-clock.ts';
import { createActivationMemory } from './activation-memory.ts';

const command = { pod: 'demo-execution-blue-0', uid: 'u', ip: '10.0.0.7', epoch: 3 };

it('reports a refusal or a missing answer per pod, until an activation is accepted', () => {
  const memory = createActivationMemory({ clock: virtualClock() });
  memory.note(command, { kind: 'Refused', reason: 'the fence is at epoch 5' });
  expect(memory.problemOf('u')).toEqual({
    reason: 'ActivationRefused',
    message: 'demo-execution-blue-0 refused activation in epoch 3: the fence is at epoch 5',
  });
  expect(memory.problemOf('other')).toBeUndefined();
  memory.note(command, { kind: 'Unanswered', reason: 'timeout' });
  expect(memory.problemOf('u')).toEqual({
    reason: 'ActivationUnanswered',
    message: 'demo-execution-blue-0 did not answer activation in epoch 3: timeout',
  });
  memory.note(command, { kind: 'Accepted', reason: 'Held' });
  expect(memory.problemOf('u')).toBeUndefined();
});

it('forgets a problem after 15 s', async () => {
  const clock = virtualClock();
  const memory = createActivationMemory({ clock });
  memory.note(command, { kind: 'Refused', reason: 'no' });
  await clock.advance(15_001);
  expect(memory.problemOf('u')).toBeUndefined();
});

it('remembers the accepted epoch for 2 s, until the process has been asked for its role', async () => {
  const clock = virtualClock();
  const memory = createActivationMemory({ clock });
  memory.note(command, { kind: 'Accepted', reason: 'Granted' });
  await clock.advance(2_000);
  expect(memory.acceptedBy('u')).toBe(3);
  expect(memory.acceptedBy('other')).toBeUndefined();
  await clock.advance(1);
  expect(memory.acceptedBy('u')).toBeUndefined();
  memory.note(command, { kind: 'Accepted', reason: 'Granted' });
  memory.note(command, { kind: 'Unanswered', reason: 'timeout' });
  expect(memory.acceptedBy('u')).toBeUndefined();
});
