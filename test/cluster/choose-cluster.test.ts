import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { chooseCluster, existingClusters, findCluster } from './choose-cluster.ts';
import { clusterPaths } from './cluster-paths.ts';

it.each([
  ['a named context comes first', { context: 'prod' }, { dockerAnswers: true, existing: [] }, 'context'],
  ['a named context, without docker', { context: 'prod' }, { dockerAnswers: false, existing: ['embedded'] }, 'context'],
  ['kind where docker answers', {}, { dockerAnswers: true, existing: [] }, 'kind'],
  ['embedded otherwise', {}, { dockerAnswers: false, existing: [] }, 'embedded'],
  [
    'the embedded one that is there, although docker answers by now',
    {},
    { dockerAnswers: true, existing: ['embedded'] },
    'embedded',
  ],
  [
    'the existing kind cluster, although docker does not answer',
    {},
    { dockerAnswers: false, existing: ['kind'] },
    'kind',
  ],
  ['kind where both are there and docker answers', {}, { dockerAnswers: true, existing: ['embedded', 'kind'] }, 'kind'],
  [
    'embedded where both exist and docker does not answer',
    {},
    { dockerAnswers: false, existing: ['embedded', 'kind'] },
    'embedded',
  ],
  ['embedded by wish, with docker', { cluster: 'embedded' }, { dockerAnswers: true, existing: ['kind'] }, 'embedded'],
  ['kind by wish', { cluster: 'kind' }, { dockerAnswers: false, existing: ['embedded'] }, 'kind'],
] as const)('%s', (_, request, surroundings, expected) => {
  expect(chooseCluster(request, surroundings).kind).toBe(expected);
});

it('gives the reason', () => {
  const because = (dockerAnswers: boolean, existing: readonly ('kind' | 'embedded')[]) =>
    chooseCluster({}, { dockerAnswers, existing }).because;
  expect(because(true, [])).toBe('docker answers');
  expect(because(true, ['embedded'])).toBe('it already exists');
  expect(because(false, ['embedded', 'kind'])).toBe('docker does not answer, and both kinds exist');
});

it('rejects unknown values and contradicting options', () => {
  const surroundings = { dockerAnswers: true, existing: [] };
  expect(() => chooseCluster({ cluster: 'minikube' }, surroundings)).toThrow('must be kind or embedded');
  expect(() => chooseCluster({ context: 'prod', cluster: 'kind' }, surroundings)).toThrow('remove --cluster kind');
});

it('selects the cluster that exists in the cache', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'choose-'));
  const paths = clusterPaths(folder);
  mkdirSync(join(paths.state, 'log'), { recursive: true });
  expect(existingClusters(paths)).toEqual([]);
  mkdirSync(dirname(paths.kindKubeconfig), { recursive: true });
  writeFileSync(paths.kindKubeconfig, '');
  expect(await findCluster({}, paths)).toMatchObject({ kind: 'kind' });
  mkdirSync(join(paths.state, 'pki'));
  expect(existingClusters(paths)).toEqual(['embedded', 'kind']);
  rmSync(paths.kindKubeconfig);
  expect(await findCluster({}, paths)).toMatchObject({ kind: 'embedded' });
  rmSync(folder, { recursive: true });
});
