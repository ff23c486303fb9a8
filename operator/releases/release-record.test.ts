import { expect, it } from 'vitest';
import { stackContext } from '../../test/fixtures/stack-observation.ts';
import { buildReleaseRecord, recordHash, restoreRelease } from './release-record.ts';
import { renderRelease } from './render-release.ts';

const context = stackContext();
const release = renderRelease(context, new Map([['platform-risk', '7']]));
const record = buildReleaseRecord(context, release);

it('restores a release with every object, byte by byte', () => {
  const restored = restoreRelease(record, recordHash(release));
  expect(restored).toEqual(JSON.parse(JSON.stringify(release)));
  expect(restored?.hash).toBe(release.hash);
});

it('is the same for the same release, small, and without a secret value', () => {
  expect(buildReleaseRecord(context, renderRelease(context, new Map([['platform-risk', '7']])))).toEqual(record);
  expect(JSON.stringify(record).length).toBeLessThan(16_384);
  expect(record.metadata?.labels).toMatchObject({ 'tradingstack.dev/release-record': release.hash });
});

it('changes with an object that is not part of the hash of the release', () => {
  const scaled = renderRelease(
    stackContext({ services: { 'db-writer': { replicas: 2 } } }),
    new Map([['platform-risk', '7']]),
  );
  expect(scaled.hash).toBe(release.hash);
  expect(recordHash(scaled)).not.toBe(recordHash(release));
});

it.each([
  ['of another release', buildReleaseRecord(context, renderRelease(context, new Map()))],
  ['without data', {}],
  ['that is no archive', { binaryData: { 'release.json.gz': 'bm90IGd6aXA=' } }],
])('restores nothing from a record %s', (_what, other) => {
  expect(restoreRelease(other, recordHash(release))).toBeUndefined();
});
