import { expect, it } from 'vitest';
import { sampleStack } from '../../../test/fixtures/sample-stack.ts';
import { TRADING_STATE_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { Stored } from '../../kube/client/resource.ts';
import { createRestrictions } from './restrictions.ts';

it('grows with each more restrictive state that a stack asks for, in whatever field, and never with a lift', () => {
  let stack: Stored<TradingStackObject> | undefined;
  const restrictions = createRestrictions({ get: () => stack });
  const grewWith = (spec: object, annotation?: string): boolean => {
    const object = sampleStack({ change: spec as Readonly<Record<string, unknown>> });
    const annotations = annotation === undefined ? {} : { [TRADING_STATE_ANNOTATION]: annotation };
    stack = { ...object, metadata: { ...object.metadata, annotations } } as unknown as Stored<TradingStackObject>;
    return restrictions.grew('trading/demo');
  };
  expect(grewWith({})).toBe(false);
  expect(grewWith({ tradingState: 'Reducing' })).toBe(true);
  expect(grewWith({ tradingState: 'Reducing' })).toBe(false);
  expect(grewWith({ flatten: true })).toBe(true);
  expect(grewWith({}, 'Halted')).toBe(true);
  expect(grewWith({ halt: true })).toBe(false);
  expect(grewWith({ tradingState: 'Reducing' })).toBe(false);
  expect(grewWith({ halt: 'what' })).toBe(true);
  stack = undefined;
  expect(restrictions.grew('trading/demo')).toBe(false);
  expect(grewWith({ tradingState: 'Reducing' })).toBe(true);
});
