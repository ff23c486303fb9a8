import { describe, expect, it } from 'vitest';
import type { SourceStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { NOW_MS } from '../../../../../test/fixtures/stack-observation.ts';
import { ARGO, PERSON, recordOf, shows } from '../../../../../test/fixtures/trading-requests.ts';
import { recordRequest } from './record-request.ts';
import type { TradingRequest } from './requests.ts';

describe('what lifts a request', () => {
  it.each<[string, SourceStatus['state'], Partial<TradingRequest>, string]>([
    ['spec.halt', 'Halted', {}, 'spec.halt to true and then to false'],
    ['spec.halt that a row set to Reducing', 'Reducing', {}, 'spec.halt to true and then to false'],
    [
      'spec.flatten',
      'Flattening',
      { source: 'spec-flatten', field: 'spec.flatten' },
      'spec.flatten to true and then to false',
    ],
    [
      'spec.flatten that was neither true nor false',
      'Halted',
      { source: 'spec-flatten', field: 'spec.flatten' },
      'spec.halt to true, then spec.flatten to true and to false, and then spec.halt to false',
    ],
    [
      'spec.tradingState that a row set to Flattening',
      'Flattening',
      { source: 'spec-state', field: 'spec.tradingState' },
      'spec.tradingState to Halted and then to Active',
    ],
  ])('is named for %s by values that the field takes', (_what, before, change, remedy) => {
    const request = { ...shows('Active', ARGO), ...change };
    const { refusal } = recordRequest(recordOf(before, PERSON), request, NOW_MS);
    expect(refusal?.split('to lift it, ')[1]).toBe(`a person sets ${remedy}`);
  });
});

it('has no time if nothing sets the field', () => {
  expect(recordRequest(recordOf('Halted', ARGO), shows('Active'), NOW_MS).refusal).toBe(
    'spec.halt is Active (no manifest or person sets it), which does not lift the Halted set by argocd-controller; ' +
      'to lift it, a person sets spec.halt to true and then to false',
  );
});
