import { expect, it } from 'vitest';
import { senderViolations } from './sender-violations.ts';

const blue = { epoch: 1, holder: 'blue-1' };
const green = { epoch: 2, holder: 'green-2' };
const released = { epoch: 1, holder: '' };
const sound = {
  commands: [
    { kind: 'activate', ...blue },
    { kind: 'drain', ...blue },
    { kind: 'activate', ...green },
    { kind: 'activate', ...green },
  ],
  grants: [
    { ...blue, before: { epoch: 0, holder: '' } },
    { ...green, before: released },
  ],
  orders: [blue, blue, green],
} as const;
const before = { epoch: 1, commands: 1 };

it('finds nothing in a swap whose activation is repeated', () => {
  expect(senderViolations(sound, before)).toEqual([]);
});

it.each([
  ['a fence that was not granted', { grants: sound.grants.slice(0, 1) }, ['the fence was granted in no epoch after 1']],
  [
    'a fence that was granted twice',
    { grants: [...sound.grants, { epoch: 3, holder: 'green-2', before: { epoch: 2, holder: '' } }] },
    ['the fence was granted in 2,3 after 1'],
  ],
  [
    'a fence that skipped an epoch',
    { grants: [{ epoch: 3, holder: 'green-2', before: released }] },
    ['the fence was granted in 3 after 1'],
  ],
  [
    'a fence that was taken from its holder',
    { grants: [{ ...green, before: blue }] },
    ['green-2 took the fence while blue-1 held it'],
  ],
  [
    'an activation of another process in the same epoch',
    { commands: [...sound.commands, { kind: 'activate', epoch: 2, holder: 'blue-1' } as const] },
    ['blue-1 was activated in epoch 2 beside green-2'],
  ],
  [
    'an activation in another epoch',
    { commands: [...sound.commands, { kind: 'activate', epoch: 3, holder: 'green-2' } as const] },
    ['green-2 was activated in epoch 3 beside green-2'],
  ],
  ['an order of the older epoch', { orders: [green, blue] }, ['blue-1 sent in epoch 1 after green-2 in epoch 2']],
  [
    'two senders in one epoch',
    { orders: [blue, { ...blue, holder: 'green-2' }] },
    ['green-2 sent in epoch 1 after blue-1 in epoch 1'],
  ],
])('finds %s', (_what, change, violations) => {
  expect(senderViolations({ ...sound, ...change }, before)).toEqual(expect.arrayContaining(violations));
});
