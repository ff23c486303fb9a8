import { expect, it } from 'vitest';
import type { SenderStatus } from '../../shared/contracts/statusz.ts';
import { nextRole, WARMING, type RoleEvent } from './role.ts';

const armed: SenderStatus = { role: 'armed', epoch: 0, fenceEpoch: 4 };
const activating: SenderStatus = { role: 'activating', epoch: 5, fenceEpoch: 5 };
const active: SenderStatus = { ...activating, role: 'active' };
const fenced: SenderStatus = { ...activating, role: 'fenced' };
const read = (epoch: number, holder: string): RoleEvent => ({ kind: 'FenceRead', fence: { epoch, holder } });

it.each<[string, SenderStatus, RoleEvent, SenderStatus]>([
  [
    'becomes armed after the first read of the fence',
    WARMING,
    { kind: 'Warmed' },
    { role: 'armed', epoch: 0, fenceEpoch: 0 },
  ],
  ['records the epoch of another holder', armed, read(6, 'other'), { ...armed, fenceEpoch: 6 }],
  ['becomes activating on a grant', armed, { kind: 'Granted', epoch: 5 }, activating],
  ['becomes active after the reconcile', activating, { kind: 'Reconciled' }, active],
  ['does not become active without a grant', armed, { kind: 'Reconciled' }, armed],
  ['stays active while it holds the fence', active, read(5, 'me'), active],
  ['ignores a read that was issued before its grant', active, read(4, ''), active],
  ['becomes fenced on a newer epoch', active, read(6, 'other'), { ...fenced, fenceEpoch: 6 }],
  ['becomes fenced when another process holds its epoch', active, read(5, 'other'), fenced],
  ['becomes fenced while activating', activating, read(6, 'other'), { ...fenced, fenceEpoch: 6 }],
  ['becomes fenced when an intent is rejected', active, { kind: 'IntentRefused' }, fenced],
  ['becomes fenced when it retires', active, { kind: 'Retired' }, fenced],
  ['stays fenced after a grant', fenced, { kind: 'Granted', epoch: 9 }, fenced],
  ['stays fenced after a read', fenced, read(5, 'me'), fenced],
  ['stays fenced after a reconcile', fenced, { kind: 'Reconciled' }, fenced],
])('%s', (_title, before, event, after) => {
  expect(nextRole(before, event, 'me')).toEqual(after);
});
