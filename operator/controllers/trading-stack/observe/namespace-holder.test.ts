import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../../api/v1alpha1/labels.ts';
import { namespaceHolder, type Claimant } from './namespace-holder.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-01T00:00:01Z';
const taken = [FINALIZER];

const cases: readonly (readonly [string, readonly Claimant[], string | undefined])[] = [
  ['undefined without a stack', [], undefined],
  [
    'the oldest stack',
    [
      { name: 'b', uid: '1', creationTimestamp: LATE },
      { name: 'a', uid: '2', creationTimestamp: EARLY },
    ],
    'a',
  ],
  [
    'the one with the lower UID of two created in the same second',
    [
      { name: 'b', uid: '2', creationTimestamp: EARLY },
      { name: 'a', uid: '1', creationTimestamp: EARLY },
    ],
    'a',
  ],
  [
    'the running stack, even if another created in the same second has a lower UID',
    [
      { name: 'b', uid: '1', creationTimestamp: EARLY },
      { name: 'a', uid: '2', creationTimestamp: EARLY, finalizers: taken },
    ],
    'a',
  ],
  [
    'the running stack, even if an older one waits',
    [
      { name: 'b', uid: '1', creationTimestamp: EARLY },
      { name: 'a', uid: '2', creationTimestamp: LATE, finalizers: taken },
    ],
    'a',
  ],
];

describe('namespaceHolder', () => {
  it.each(cases)('is %s', (_what, claimants, holder) => {
    expect(namespaceHolder(claimants)?.name).toBe(holder);
    expect(namespaceHolder(claimants.toReversed())?.name).toBe(holder);
  });
});
