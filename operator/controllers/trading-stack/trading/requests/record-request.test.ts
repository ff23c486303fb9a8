import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoreRestrictive, TRADING_STATES } from '../../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { NOW_MS } from '../../../../../test/fixtures/stack-observation.ts';
import type { FieldManager } from '../../observe/field-managers.ts';
import { ARGO, managerAt, PERSON, recordOf, shows } from '../../../../../test/fixtures/trading-requests.ts';
import { recordRequest } from './record-request.ts';
import type { TradingRequest } from './requests.ts';

describe('a more restrictive state', () => {
  it.each([[PERSON], [ARGO], ['']])('is recorded whoever wrote it (%j)', (manager) => {
    const { record: recorded } = recordRequest(undefined, shows('Halted', manager), NOW_MS);
    expect(recorded).toEqual({
      source: 'spec',
      state: 'Halted',
      author: manager,
      reason: 'spec.halt',
      revision: 1,
      since: new Date(NOW_MS).toISOString(),
    });
  });

  it('replaces Reducing', () => {
    expect(recordRequest(recordOf('Reducing', ARGO), shows('Halted', PERSON), NOW_MS).record).toMatchObject({
      state: 'Halted',
      author: PERSON,
      revision: 5,
    });
  });
});

describe('a less restrictive state', () => {
  const halted = recordOf('Halted', PERSON);

  it.each<[string, SourceStatus, TradingRequest, boolean]>([
    ['a person lifts a halt of a person', halted, shows('Active', PERSON), true],
    ['a person lifts a halt of a person with another command', halted, shows('Active', 'kubectl-edit'), true],
    ['a person lifts a halt of a tool', recordOf('Halted', ARGO), shows('Active', PERSON), true],
    ['a tool lifts its own halt', recordOf('Halted', ARGO), shows('Active', ARGO), true],
    ['self-heal does not lift a halt of a person', halted, shows('Active', ARGO), false],
    ['replace does not lift a halt of a person', halted, shows('Active', 'kubectl-replace'), false],
    ['apply does not lift a halt of a person', halted, shows('Active', 'kubectl-client-side-apply'), false],
    ['server-side apply does not lift a halt of a person', halted, shows('Active', 'kubectl'), false],
    [
      'a rollback by another tool does not lift a halt of a tool',
      recordOf('Halted', ARGO),
      shows('Active', 'helm'),
      false,
    ],
    ['a manifest without the field lifts nothing', recordOf('Halted', ARGO), shows('Active'), false],
    ['an absent field lifts nothing of a person', halted, shows('Active'), false],
    ['an unknown author is lifted by a person only', recordOf('Halted', ''), shows('Active', ''), false],
    ['Reducing after Halted counts as a lift', halted, shows('Reducing', ARGO), false],
  ])('%s', (_what, known, request, lifts) => {
    const { record: recorded, refusal } = recordRequest(known, request, NOW_MS);
    expect(recorded?.state).toBe(lifts ? request.state : known.state);
    expect(recorded?.revision).toBe(lifts ? known.revision + 1 : known.revision);
    expect(refusal === undefined).toBe(lifts);
  });

  it('says what is not applied, why, and what lifts it', () => {
    expect(recordRequest(halted, shows('Active', ARGO), NOW_MS).refusal).toBe(
      'spec.halt is Active (written by argocd-controller), which does not lift the Halted set by kubectl-patch; ' +
        'to lift it, a person sets spec.halt to true and then to false',
    );
    const annotated = { ...shows('Active', ARGO), source: 'annotation', field: 'annotation x' } as const;
    const reducing = recordOf('Reducing', PERSON);
    expect(recordRequest(reducing, annotated, NOW_MS).refusal).toMatch(
      /; to lift it, a person sets annotation x to Reducing and then to Active$/,
    );
  });
});

describe('a write of before the recorded request', () => {
  const halted = { ...recordOf('Halted', PERSON), since: '2026-01-01T12:00:00.900Z' };
  const lift = (...managers: FieldManager[]) => recordRequest(halted, shows('Active', ...managers), NOW_MS);

  it.each<[string, FieldManager, boolean]>([
    ['an hour earlier', managerAt(PERSON, '2026-01-01T11:00:00Z'), false],
    ['a second earlier', managerAt(PERSON, '2026-01-01T11:59:59Z'), false],
    ['without a time', { name: PERSON, atMs: undefined }, false],
    ['in the same second', managerAt(PERSON, '2026-01-01T12:00:00Z'), true],
    ['later', managerAt(PERSON, '2026-01-01T12:00:01Z'), true],
  ])('lifts only if it may have been later: %s', (_what, manager, lifts) => {
    expect(lift(manager).record?.state).toBe(lifts ? 'Active' : 'Halted');
  });

  it('by a person lifts nothing because a tool wrote later', () => {
    const { record: recorded } = lift(
      managerAt(PERSON, '2026-01-01T11:00:00Z'),
      managerAt(ARGO, '2026-01-01T13:00:00Z'),
    );
    expect(recorded).toEqual(halted);
  });

  it('by the tool that set the state lifts nothing either', () => {
    const byTool = { ...halted, author: ARGO };
    const request = shows('Active', managerAt(ARGO, '2026-01-01T11:00:00Z'));
    expect(recordRequest(byTool, request, NOW_MS).record).toEqual(byTool);
  });

  it('is named as the reason, with the time of the request that it does not lift', () => {
    expect(lift(managerAt(PERSON, '2026-01-01T11:00:00Z')).refusal).toBe(
      'spec.halt is Active (written by kubectl-patch before that), which does not lift the Halted set by kubectl-patch ' +
        'at 2026-01-01T12:00:00.900Z; to lift it, a person sets spec.halt to true and then to false',
    );
  });
});

it('takes the time of a request from the API server, and never a time to come', () => {
  const at = (manager: FieldManager): string | undefined =>
    recordRequest(undefined, shows('Halted', manager), NOW_MS).record?.since;
  expect(at(managerAt(PERSON, '2025-12-31T23:59:58Z'))).toBe('2025-12-31T23:59:58.000Z');
  expect(at(managerAt(PERSON, '2026-01-01T00:00:09Z'))).toBe(new Date(NOW_MS).toISOString());
  expect(at({ name: PERSON, atMs: undefined })).toBe(new Date(NOW_MS).toISOString());
});

it('keeps a record that the resource still shows', () => {
  const known = recordOf('Halted', PERSON);
  expect(recordRequest(known, shows('Halted', ARGO), NOW_MS)).toEqual({ record: known, refusal: undefined });
});

it('never becomes less restrictive without a person or the author, and never counts backwards', () => {
  const state = fc.constantFrom(...TRADING_STATES);
  const manager = fc.constantFrom(PERSON, ARGO, 'helm', 'kubectl', '');
  fc.assert(
    fc.property(state, manager, state, fc.array(manager, { maxLength: 2 }), (from, author, to, managers) => {
      const known = recordOf(from, author);
      const { record: next } = recordRequest(known, shows(to, ...managers), NOW_MS);
      expect(next?.revision).toBeGreaterThanOrEqual(known.revision);
      if (next === undefined || !isMoreRestrictive(known.state, next.state)) return;
      expect(managers.includes(PERSON) || (managers.includes(author) && author !== PERSON && author !== '')).toBe(true);
    }),
  );
});
