import { expect, it } from 'vitest';
import type { SenderStatus } from '../../shared/contracts/statusz.ts';
import { nextRole, WARMING, type RoleEvent } from './role.ts';

const armed: SenderStatus = { role: 'armed', epoch: 0, fenceEpoch: 4 };
const activating: SenderStatus = { role: 'activating', epoch: 5, fenceEpoch: 5 };
const active: SenderStatus = { ...activating, role: 'active' };
const fenced: SenderStatus = { ...activating, role: 'fenced' };
const read = (epoch: number, holder: string): RoleEvent => ({ kind: 'FenceRead', fence: { epoch, holder } });

it.each<[string, SenderStatus, RoleEvent, SenderStatus]>([
  ['is armed once it knows the fence', WARMING, { kind: 'Warmed' }, { role: 'armed', epoch: 0, fenceEpoch: 0 }],
  ['sees who else holds the fence', armed, read(6, 'other'), { ...armed, fenceEpoch: 6 }],
  ['activates on a grant', armed, { kind: 'Granted', epoch: 5 }, activating],
  ['is active once reconciled', activating, { kind: 'Reconciled' }, active],
  ['is not active without a grant', armed, { kind: 'Reconciled' }, armed],
  ['stays active while the fence is its own', active, read(5, 'me'), active],
  ['ignores a read that began before its grant', active, read(4, ''), active],
  ['is fenced by a newer epoch', active, read(6, 'other'), { ...fenced, fenceEpoch: 6 }],
  ['is fenced by another holder of its epoch', active, read(5, 'other'), fenced],
  ['is fenced while activating', activating, read(6, 'other'), { ...fenced, fenceEpoch: 6 }],
  ['is fenced by a refused intent', active, { kind: 'IntentRefused' }, fenced],
  ['sends nothing after it has retired', active, { kind: 'Retired' }, fenced],
  ['never leaves the fence behind: a grant', fenced, { kind: 'Granted', epoch: 9 }, fenced],
  ['never leaves the fence behind: a read', fenced, read(5, 'me'), fenced],
  ['never leaves the fence behind: a reconcile', fenced, { kind: 'Reconciled' }, fenced],
])('%s', (_what, before, event, after) => {
  expect(nextRole(before, event, 'me')).toEqual(after);
});
