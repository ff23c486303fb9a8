import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoreRestrictive, TRADING_STATES } from '../../../../../services/shared/domain/trading-state.ts';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { NOW_MS } from '../../../../../test/fixtures/stack-observation.ts';
import { ARGO, managerAt, PERSON, recordOf, shows } from '../../../../../test/fixtures/trading-requests.ts';
import { recordRequest } from './record-request.ts';
import type { TradingRequest } from './requests.ts';

describe('a record that the resource has not shown', () => {
  const unshown = (state: SourceStatus['state'], author = PERSON): SourceStatus => ({
    ...recordOf(state, author),
    unshown: true,
  });

  it.each<[string, SourceStatus, TradingRequest]>([
    ['a person who has just written to the resource', unshown('Halted'), shows('Active', PERSON)],
    ['a person, of a halt of a tool', unshown('Halted', ARGO), shows('Active', PERSON)],
    ['the tool that set it', unshown('Halted', ARGO), shows('Active', ARGO)],
    ['Reducing', unshown('Halted'), shows('Reducing', PERSON)],
    ['a field without an owner', unshown('Reducing'), shows('Active')],
  ])('is not lifted by %s', (_what, known, request) => {
    const { record: recorded, refusal } = recordRequest(known, request, NOW_MS);
    expect(recorded).toBe(known);
    expect(refusal).toMatch(/ at 2025-12-31T00:00:00.000Z, because the resource has not shown it yet; to lift it, /);
  });

  it('is shown by a field with its state, whoever wrote it and when, and then lifted like others', () => {
    const long = managerAt(ARGO, '2020-01-01T00:00:00Z');
    const { record: shown, refusal } = recordRequest(unshown('Halted', ARGO), shows('Halted', long), NOW_MS);
    expect([shown, refusal]).toEqual([recordOf('Halted', ARGO), undefined]);
    expect(recordRequest(shown, shows('Active', ARGO), NOW_MS).record).toMatchObject({ state: 'Active', revision: 5 });
  });

  it('adds the person who shows it to its authors', () => {
    const { record: shown } = recordRequest(unshown('Halted', ARGO), shows('Halted', PERSON), NOW_MS);
    expect(shown).toEqual(recordOf('Halted', `${PERSON}, ${ARGO}`, 5));
  });

  it('is replaced by a more restrictive state, which is shown', () => {
    const { record: replaced } = recordRequest(unshown('Reducing'), shows('Halted', PERSON), NOW_MS);
    expect(replaced).toMatchObject({ state: 'Halted', revision: 5 });
    expect(replaced).not.toHaveProperty('unshown');
  });

  it('is not dated later than it is shown, so that a process whose clock is ahead does not keep it from a lift', () => {
    const ahead = { ...unshown('Halted'), since: '2026-01-01T09:00:00.000Z' };
    const { record: shown } = recordRequest(ahead, shows('Halted', PERSON), NOW_MS);
    expect(shown?.since).toBe(new Date(NOW_MS).toISOString());
    const lift = shows('Active', managerAt(PERSON, '2026-01-01T00:00:02Z'));
    expect(recordRequest(shown, lift, NOW_MS + 2_000).record).toMatchObject({ state: 'Active' });
  });

  it('is not lifted by any series of requests before one that is at least as restrictive', () => {
    const state = fc.constantFrom(...TRADING_STATES);
    const manager = fc.constantFrom(PERSON, ARGO, 'helm', '');
    const requests = fc.array(fc.tuple(state, manager), { maxLength: 6 });
    fc.assert(
      fc.property(fc.constantFrom('Reducing', 'Halted'), requests, (from, series) => {
        let known: SourceStatus | undefined = unshown(from);
        for (const [to, by] of series) {
          known = recordRequest(known, shows(to, by), NOW_MS).record;
          if (!isMoreRestrictive(from, to)) return;
          expect(known).toEqual(unshown(from));
        }
      }),
    );
  });
});
