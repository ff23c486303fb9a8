import { expect, it } from 'vitest';
import { nextRole, WARMING, type Loss, type RoleEvent, type SenderState } from './role.ts';

const armed: SenderState = { ...WARMING, role: 'armed', fenceEpoch: 4 };
const activating: SenderState = { ...WARMING, role: 'activating', epoch: 5, fenceEpoch: 5 };
const active: SenderState = { ...activating, role: 'active' };
const lower: SenderState = { ...active, lowerReads: 1 };
const fenced = (loss: Loss = 'Fenced', fenceEpoch = 5): SenderState => ({
  ...active,
  role: 'fenced',
  loss,
  fenceEpoch,
});
const read = (epoch: number, holder: string): RoleEvent => ({ kind: 'FenceRead', fence: { epoch, holder } });

it.each<[string, SenderState, RoleEvent, SenderState]>([
  ['becomes armed after the first read of the fence', WARMING, { kind: 'Warmed' }, { ...WARMING, role: 'armed' }],
  ['records the epoch of another holder', armed, read(6, 'other'), { ...armed, fenceEpoch: 6 }],
  ['records that the fence went back before its grant', armed, read(2, 'other'), { ...armed, fenceEpoch: 2 }],
  ['becomes activating on a grant', armed, { kind: 'Granted', epoch: 5 }, activating],
  ['becomes active after the reconcile', activating, { kind: 'Reconciled' }, active],
  ['does not become active without a grant', armed, { kind: 'Reconciled' }, armed],
  ['stays active while it holds the fence', active, read(5, 'me'), active],
  ['continues after one read that was issued before its grant', active, read(4, ''), lower],
  ['forgets that read after a good one', lower, read(5, 'me'), active],
  ['ends after two lower reads in a row', lower, read(4, ''), { ...fenced('FenceWentBack', 4), lowerReads: 2 }],
  [
    'ends after two lower reads while activating',
    { ...activating, lowerReads: 1 },
    read(0, ''),
    {
      ...fenced('FenceWentBack', 0),
      lowerReads: 2,
    },
  ],
  ['becomes fenced on a newer epoch', active, read(6, 'other'), fenced('Fenced', 6)],
  ['becomes fenced when another process holds its epoch', active, read(5, 'other'), fenced()],
  ['becomes fenced while activating', activating, read(6, 'other'), fenced('Fenced', 6)],
  ['becomes fenced when an intent is rejected', active, { kind: 'IntentRefused' }, fenced()],
  [
    'reports a refused intent after a lower read as a fence that went back',
    lower,
    { kind: 'IntentRefused' },
    {
      ...fenced('FenceWentBack'),
      lowerReads: 1,
    },
  ],
  ['becomes fenced when it retires', active, { kind: 'Retired' }, fenced()],
  ['ends when the record went back', active, { kind: 'RecordWentBack' }, fenced('RecordWentBack')],
  ['stays fenced after a grant', fenced(), { kind: 'Granted', epoch: 9 }, fenced()],
  ['stays fenced after a read', fenced(), read(5, 'me'), fenced()],
  ['stays fenced after a reconcile', fenced(), { kind: 'Reconciled' }, fenced()],
  ['keeps why it may never send again', fenced('FenceWentBack'), { kind: 'Retired' }, fenced('FenceWentBack')],
])('%s', (_title, before, event, after) => {
  expect(nextRole(before, event, 'me')).toEqual(after);
});
