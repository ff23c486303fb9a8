import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { clusterPaths } from '../cluster-paths.ts';
import { readConfig } from '../config.ts';
import { createProgress } from '../process/step.ts';
import { kindDown, kindPurge, kindStatus, kindUp } from './kind-cluster.ts';
import type { KindOptions } from './kind-cluster.ts';

// Stand-ins of docker, kind, kubectl and helm that keep in files what the real ones would, and note every call.
const programs = {
  docker: `test ! -f no-docker || exit 1
  case "$1" in
    ps) [ ! -f clusters ] || echo tradingstack-control-plane;;
    image) [ "$2" != ls ] || cat images 2>/dev/null || true;;
    inspect) if [ "$2" = --format ]; then echo '{"bridge":{}}'; else test -f registry; fi;;
    run) touch registry;;
    rm) rm -f registry clusters;;
    exec) [ "$2" != -i ] || cat > hosts.toml;;
  esac`,
  kind: `case "$1 $2" in
    "create cluster") cat > config.yaml; echo tradingstack > clusters; touch "$6";;
    "get kubeconfig") echo "apiVersion: v1";;
    "delete cluster") rm -f clusters;;
  esac`,
  kubectl: '',
  helm: '',
};

let folder = '';
let options: KindOptions;
let said: string[] = [];
const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
const forgetCalls = () => writeFileSync(join(folder, 'calls'), '');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kind-'));
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\ncd ${folder}\necho "${name} $*" >> calls\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
  const paths = clusterPaths(join(folder, 'cache'));
  said = [];
  const progress = createProgress({
    write: (text) => void said.push(text),
    interactive: false,
    logDirectory: paths.logs,
  });
  options = { config: readConfig({}), paths, progress };
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('creates the cluster and its registry, and configures the node to use it', async () => {
  const cluster = await kindUp(options);
  expect(cluster).toMatchObject({
    kind: 'kind',
    context: 'kind-tradingstack',
    registry: '127.0.0.1:5001',
    kubectl: 'kubectl',
  });
  expect(readFileSync(cluster.kubeconfig, 'utf8')).toContain('apiVersion');
  expect(readFileSync(join(folder, 'config.yaml'), 'utf8')).toContain('kindest/node:v1.36.1@sha256:');
  expect(readFileSync(join(folder, 'hosts.toml'), 'utf8')).toContain('[host."http://tradingstack-registry:5000"]');
  expect(calls()).toContain('docker network connect kind tradingstack-registry');
});

it('restarts what exists, and creates nothing', async () => {
  await kindUp(options);
  await kindDown(options);
  expect(calls().slice(-1)).toEqual(['docker stop tradingstack-control-plane tradingstack-registry']);
  forgetCalls();
  await kindUp(options);
  expect(calls().filter((call) => /create cluster|docker run/.test(call))).toEqual([]);
  expect(calls()).toEqual(
    expect.arrayContaining(['docker start tradingstack-control-plane', 'docker start tradingstack-registry']),
  );
});

it('starts over where an earlier start was interrupted', async () => {
  writeFileSync(join(folder, 'clusters'), 'tradingstack\n');
  await kindUp(options);
  expect(calls().filter((call) => /^kind (delete|create)/.test(call))).toEqual([
    'kind delete cluster --name tradingstack',
    expect.stringContaining('kind create cluster'),
  ]);
});

it('deletes the cluster, the registry with its images, and the images that were built for it', async () => {
  const { kubeconfig } = await kindUp(options);
  writeFileSync(join(folder, 'images'), 'sha256:a\nsha256:b\nsha256:a\n');
  await kindPurge(options);
  expect(existsSync(join(folder, 'clusters'))).toBe(false);
  expect(existsSync(kubeconfig)).toBe(false);
  expect(calls()).toContain('docker rm --force --volumes tradingstack-control-plane tradingstack-registry');
  expect(calls().slice(-2)).toEqual([
    'docker image ls --quiet --no-trunc --filter label=tradingstack.dev/local-cluster',
    'docker image rm --force sha256:a sha256:b',
  ]);
});

it('finds clusters with docker only, so that kind need not be built when there is none', async () => {
  rmSync(join(folder, 'kind'));
  expect(await kindStatus()).toEqual({ docker: true, nodes: [] });
  await kindDown(options);
  await kindPurge(options);
  expect(said).toEqual(['  no kind cluster exists\n', expect.stringContaining('delete the kind cluster')]);
});

it('reports that docker does not answer, and keeps the record of what docker still has', async () => {
  const { kubeconfig } = await kindUp(options);
  writeFileSync(join(folder, 'no-docker'), '');
  await expect(kindUp(options)).rejects.toMatchObject({ code: 'missing' });
  await expect(kindPurge(options)).rejects.toMatchObject({ code: 'missing' });
  await kindDown(options);
  expect(said.at(-1)).toContain('docker does not answer');
  expect(existsSync(kubeconfig)).toBe(true);
});
