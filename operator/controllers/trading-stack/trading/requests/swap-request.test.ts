import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMoreRestrictive, TRADING_STATES } from '../../../../../services/shared/domain/trading-state.ts';
import { FLAT_STATES, type FlatStatus } from '../../../../api/v1alpha1/trading-stack/rollout/flat-status.ts';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { swapRequest } from './swap-request.ts';

const since = '2026-01-01T00:00:00.000Z';
const NOW_MS = Date.parse('2026-01-01T00:01:00.000Z');
const flatIn = (state: FlatStatus['state']): FlatStatus => ({ release: 'a', state, since, message: '' });
const known = (state: SourceStatus['state'], author = 'operator'): SourceStatus => ({
  source: 'swap',
  state,
  author,
  reason: '',
  revision: 3,
  since,
});

describe('what the operator requests because of a swap', () => {
  it.each<[FlatStatus['state'] | undefined, SourceStatus | undefined, string | undefined]>([
    [undefined, undefined, undefined],
    ['Failed', undefined, undefined],
    ['Selling', undefined, 'Flattening 1'],
    ['Selling', known('Active'), 'Flattening 4'],
    ['Halted', known('Flattening'), 'Flattening 3'],
    ['Closed', known('Flattening'), 'Flattening 3'],
    ['Failed', known('Flattening'), 'Active 4'],
    [undefined, known('Flattening'), 'Active 4'],
    [undefined, known('Active'), 'Active 3'],
    [undefined, known('Flattening', 'anna'), 'Flattening 3'],
    ['Selling', known('Halted', 'anna'), 'Halted 3'],
    ['Selling', known('Reducing', 'anna'), 'Flattening 4'],
  ])('in a sale that is %s, after %o, is %s', (state, before, expected) => {
    const request = swapRequest(before, state === undefined ? undefined : flatIn(state), NOW_MS);
    expect(request && `${request.state} ${request.revision}`).toBe(expected);
  });

  it('never lifts what another author requested, and is settled once it was made', () => {
    const author = fc.constantFrom('operator', 'anna');
    const state = fc.constantFrom(...TRADING_STATES);
    const before = fc.option(fc.record({ state, author }), { nil: undefined });
    const sale = fc.option(fc.constantFrom(...FLAT_STATES), { nil: undefined });
    fc.assert(
      fc.property(before, sale, (was, flat) => {
        const first = was === undefined ? undefined : known(was.state, was.author);
        const status = flat === undefined ? undefined : flatIn(flat);
        const request = swapRequest(first, status, NOW_MS);
        if (was?.author === 'anna') expect(isMoreRestrictive(was.state, request?.state ?? 'Active')).toBe(false);
        expect(swapRequest(request, status, NOW_MS + 1)).toBe(request);
      }),
    );
  });
});
