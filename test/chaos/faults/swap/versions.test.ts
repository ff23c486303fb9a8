import { expect, it } from 'vitest';
import { merged } from '../../../fixtures/sample-stack.ts';
import { changeTo, directionOf, VERSIONS, versionBeside, versionOf } from './versions.ts';

it.each([null, ...VERSIONS])('changes the sender from %s to another version, to and fro', (version) => {
  for (const where of ['After', 'Before'] as const) {
    const spec = merged({ services: { risk: {} } }, changeTo(version)) as object;
    const next = versionBeside(versionOf(spec), where);
    expect(next).not.toBe(version);
    expect(versionOf(merged(spec, changeTo(next)) as object)).toBe(next);
  }
});

it('leads through every version in one direction, and back in the other', () => {
  const [a, b, c] = VERSIONS;
  expect(VERSIONS.map((version) => versionBeside(version, 'After'))).toEqual([b, c, a]);
  expect(VERSIONS.map((version) => versionBeside(version, 'Before'))).toEqual([c, a, b]);
});

it('finds no version in a spec without one', () => {
  expect(versionOf({})).toBeNull();
  expect(versionOf(merged({}, changeTo(null)) as object)).toBeNull();
});

it('draws both directions, and mostly the one whose pods must start', () => {
  const drawn = Array.from({ length: 13 }, (_, index) => directionOf(3 + index));
  expect([drawn.filter((one) => one === 'After').length, drawn.filter((one) => one === 'Before').length]).toEqual([
    8, 5,
  ]);
});
