import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../../api/v1alpha1/labels.ts';
import { namespaceHolder, type Claimant } from './namespace-holder.ts';

const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-01T00:00:01Z';
const taken = [FINALIZER];

const cases: readonly (readonly [string, readonly Claimant[], string | undefined])[] = [
  ['nobody where there is no stack', [], undefined],
  [
    'the oldest',
    [
      { name: 'b', uid: '1', creationTimestamp: LATE },
      { name: 'a', uid: '2', creationTimestamp: EARLY },
    ],
    'a',
  ],
  [
    'of two of one second the one with the lower uid',
    [
      { name: 'b', uid: '2', creationTimestamp: EARLY },
      { name: 'a', uid: '1', creationTimestamp: EARLY },
    ],
    'a',
  ],
  [
    'the one that runs, though another of its second has the lower uid',
    [
      { name: 'b', uid: '1', creationTimestamp: EARLY },
      { name: 'a', uid: '2', creationTimestamp: EARLY, finalizers: taken },
    ],
    'a',
  ],
  [
    'the one that runs, though an older one waits: it came while it was the only one',
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
