import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isHolding, nextRole, WARMING, type Loss, type RoleEvent, type SenderState } from './role.ts';

const armed: SenderState = { ...WARMING, role: 'armed', fenceEpoch: 4 };
const activating: SenderState = { ...WARMING, role: 'activating', epoch: 5, fenceEpoch: 5, newestEpoch: 5 };
const active: SenderState = { ...activating, role: 'active', reconciled: true };
const draining: SenderState = { ...active, role: 'draining' };
const early: SenderState = { ...draining, reconciled: false };
const standby: SenderState = { ...activating, role: 'standby', epoch: 0 };
const sixth: SenderState = { ...activating, epoch: 6, fenceEpoch: 6, newestEpoch: 6 };
const lower: SenderState = { ...active, lowerReads: 1 };
const fenced = (loss: Loss = 'Fenced', fenceEpoch = 5): SenderState => ({
  ...active,
  role: 'fenced',
  loss,
  fenceEpoch,
});
const superseded = (epoch: number): RoleEvent => ({ kind: 'Superseded', epoch });
const announced = (loss: Loss, fenceEpoch: number): SenderState => ({ ...fenced(loss, fenceEpoch), announcedEpoch: 6 });
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
      reconciled: false,
      lowerReads: 2,
    },
  ],
  ['becomes fenced on a newer epoch', active, read(6, 'other'), fenced('Fenced', 6)],
  ['becomes fenced when another process holds its epoch', active, read(5, 'other'), fenced()],
  ['becomes fenced while activating', activating, read(6, 'other'), { ...fenced('Fenced', 6), reconciled: false }],
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
  ['becomes fenced by a newer epoch that was announced', active, superseded(6), announced('Fenced', 5)],
  [
    'names a database that does not show it',
    announced('Fenced', 5),
    { kind: 'ReadStale' },
    announced('RecordStale', 5),
  ],
  ['names none after a read that was under way before', announced('Fenced', 6), read(5, 'me'), announced('Fenced', 5)],
  ['names none after another loss', fenced('FenceWentBack'), { kind: 'ReadStale' }, fenced('FenceWentBack')],
  ['names none while it drains', draining, { kind: 'ReadStale' }, draining],
  ['names none while it sends', active, { kind: 'ReadStale' }, active],
  ['ends when the record went back', active, { kind: 'RecordWentBack' }, fenced('RecordWentBack')],
  ['stays fenced after a grant', fenced(), { kind: 'Granted', epoch: 9 }, fenced()],
  ['stays fenced after a read', fenced(), read(5, 'me'), fenced()],
  ['stays fenced after a reconcile', fenced(), { kind: 'Reconciled' }, fenced()],
  ['drains when it is active', active, { kind: 'DrainRequested' }, draining],
  ['drains while it reconciles, and knows nothing yet', activating, { kind: 'DrainRequested' }, early],
  ['has nothing to drain without a grant', armed, { kind: 'DrainRequested' }, armed],
  ['does not send after a reconcile in a drain', early, { kind: 'Reconciled' }, draining],
  ['stays draining while it holds the fence', draining, read(5, 'me'), draining],
  ['takes its own release for no loss', draining, read(5, ''), draining],
  ['takes a released epoch for a loss while it sends', active, read(5, ''), fenced()],
  ['becomes fenced while it drains', draining, read(6, 'other'), fenced('Fenced', 6)],
  ['waits when the fence is released', draining, { kind: 'Released' }, standby],
  ['releases nothing before it knows what older senders left', early, { kind: 'Released' }, early],
  ['releases nothing while it sends', active, { kind: 'Released' }, active],
  ['is not fenced by others while it waits', standby, read(6, 'other'), { ...standby, fenceEpoch: 6 }],
  ['takes a higher epoch after a drain', standby, { kind: 'Granted', epoch: 6 }, sixth],
  ['takes no epoch twice', standby, { kind: 'Granted', epoch: 5 }, standby],
  ['takes no second epoch while it holds one', active, { kind: 'Granted', epoch: 6 }, active],
  ['takes no epoch while it drains', draining, { kind: 'Granted', epoch: 6 }, draining],
  ['takes no epoch before it is armed', WARMING, { kind: 'Granted', epoch: 6 }, WARMING],
  ['ends when it stops after a drain', standby, { kind: 'Retired' }, { ...standby, role: 'fenced', loss: 'Fenced' }],
  ['keeps why it may never send again', fenced('FenceWentBack'), { kind: 'Retired' }, fenced('FenceWentBack')],
])('%s', (_title, before, event, after) => {
  expect(nextRole(before, event, 'me')).toEqual(after);
});

const epochs = fc.integer({ min: 0, max: 6 });
const usual: RoleEvent[] = [{ kind: 'Reconciled' }, { kind: 'DrainRequested' }, { kind: 'Released' }];
const fatal: RoleEvent[] = [
  { kind: 'IntentRefused' },
  { kind: 'RecordWentBack' },
  { kind: 'Retired' },
  { kind: 'Superseded', epoch: 7 },
  { kind: 'ReadStale' },
];
const events: fc.Arbitrary<RoleEvent> = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...usual) },
  { weight: 10, arbitrary: epochs.map((epoch): RoleEvent => ({ kind: 'Granted', epoch })) },
  { weight: 1, arbitrary: fc.constantFrom(...fatal) },
  { weight: 1, arbitrary: fc.tuple(epochs, fc.constantFrom('me', 'other', '')).map((fence) => read(...fence)) },
);

it('holds one epoch at a time, only ever a higher one, and none once it is fenced', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(events, { maxLength: 40 }), (run) => {
      let state = nextRole(WARMING, { kind: 'Warmed' }, 'me');
      let newest = 0;
      for (const event of run) {
        const before = state;
        state = nextRole(before, event, 'me');
        seen.add(`${before.role} ${state.role}`);
        if (before.role === 'fenced') {
          expect({ ...state, fenceEpoch: 0, loss: '' }).toEqual({ ...before, fenceEpoch: 0, loss: '' });
          if (before.announcedEpoch === 0) expect(state.loss).toBe(before.loss);
          continue;
        }
        if (state.epoch !== before.epoch && state.epoch !== 0) {
          expect([before.epoch, event.kind]).toEqual([0, 'Granted']);
          expect(state.epoch).toBeGreaterThan(newest);
          newest = state.epoch;
        }
        expect(state.newestEpoch).toBe(newest);
        if (state.role !== 'fenced') expect(isHolding(state.role)).toBe(state.epoch > 0);
        if (state.role === 'active' && before.role !== 'active')
          expect([before.role, event.kind]).toEqual(['activating', 'Reconciled']);
        // Nothing leads from a drain back to sending, except a new grant.
        if (before.role === 'draining') expect(['draining', 'standby', 'fenced']).toContain(state.role);
      }
    }),
    { numRuns: 2_000 },
  );
  expect([...seen]).toEqual(expect.arrayContaining(['standby activating', 'draining standby', 'draining fenced']));
});
