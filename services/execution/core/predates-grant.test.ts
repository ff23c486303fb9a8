import { expect, it } from 'vitest';
import { followsGrant, predatesGrant } from './predates-grant.ts';

it.each<[string, number, boolean, boolean]>([
  // Decided at, by the clock of risk; the grant is at 10,000, by the clock of this process.
  ['before the grant', 9_999, false, true],
  ['at the grant', 10_000, false, true],
  ['after the grant', 10_001, false, false],
  ['before the grant, when the record went back', 9_999, true, true],
  ['within the tolerance after it, when the record went back', 10_001, true, true],
  ['at the end of the tolerance, when the record went back', 10_100, true, true],
  ['after the tolerance, when the record went back', 10_101, true, false],
])('an approval that was decided %s', (_title, decidedAtMs, recordWentBack, predates) => {
  const grant = { wallMs: 10_000, recordWentBack };
  expect(predatesGrant(decidedAtMs, grant, 100)).toBe(predates);
});

it('no approval predates a grant that this process does not have', () => {
  expect(predatesGrant(0, undefined, 100)).toBe(false);
});

it.each<[string, number, boolean]>([
  ['within the tolerance after the grant', 10_100, false],
  ['after the tolerance', 10_101, true],
])('an approval that was decided %s surely follows it: %#', (_title, decidedAtMs, follows) => {
  expect(followsGrant(decidedAtMs, { wallMs: 10_000 }, 100)).toBe(follows);
});

it('no approval follows a grant that this process does not have', () => {
  expect(followsGrant(Number.MAX_SAFE_INTEGER, undefined, 100)).toBe(false);
});
