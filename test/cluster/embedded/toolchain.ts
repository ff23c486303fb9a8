import { existsSync, lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { cp, chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ClusterPaths } from '../cluster-paths.ts';
import { makeDirectories, removeAbandonedWork, workPrefix } from '../cluster-paths.ts';
import { runCommand } from '../process/run-command.ts';
import type { Progress } from '../process/step.ts';
import { binariesOf, buildKey, kubernetes } from './components.ts';
import type { Component } from './components.ts';

/**
 * Builds the missing programs of `components`, and returns a folder that has them all by name. A build gets its final
 * folder name when it is finished, so an interrupted build never looks finished.
 */
export async function ensureToolchain(
  paths: ClusterPaths,
  components: readonly Component[],
  progress: Progress,
): Promise<string> {
  makeDirectories([paths.toolchain, paths.bin]);
  removeAbandonedWork(paths.toolchain);
  for (const component of components) {
    const target = join(paths.toolchain, buildKey(component));
    if (!existsSync(target)) {
      const hint = `the first time up to ${component.minutes} min on two cores`;
      const name = `build ${component.name} ${component.version}`;
      await progress.step(name, ({ logFile }) => build(component, target, logFile), hint);
    }
    for (const binary of binariesOf(component)) link(join(target, binary), join(paths.bin, binary));
  }
  return paths.bin;
}

/** The components of which no finished build is in the cache. */
export function unbuilt(paths: ClusterPaths, components: readonly Component[]): Component[] {
  return components.filter((component) => !existsSync(join(paths.toolchain, buildKey(component))));
}

export interface ApiServerPrograms {
  readonly etcd: string;
  readonly kubeApiserver: string;
  readonly kubectl: string;
}

/** The programs of which a bare API server consists, for tests that need no node. */
export async function ensureApiServerPrograms(paths: ClusterPaths, progress: Progress): Promise<ApiServerPrograms> {
  const bin = await ensureToolchain(paths, [kubernetes], progress);
  return { etcd: join(bin, 'etcd'), kubeApiserver: join(bin, 'kube-apiserver'), kubectl: join(bin, 'kubectl') };
}

async function build(component: Component, target: string, logFile: string): Promise<void> {
  const work = await mkdtemp(workPrefix(target));
  try {
    const output = join(work, 'bin');
    mkdirSync(output);
    await compile(component, { work, output, logFile });
    for (const alias of component.aliases ?? []) symlinkSync(mainBinary(component), join(output, alias));
    await rename(output, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function compile(
  component: Component,
  at: { readonly work: string; readonly output: string; readonly logFile: string },
): Promise<void> {
  const { source } = component;
  const variables = Object.entries(component.linkerVariables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags', ['-s', '-w', ...variables].join(' ')];
  if (component.tags !== undefined) flags.push('-tags', component.tags);
  const env = { CGO_ENABLED: component.cgo === true ? '1' : '0', GOBIN: at.output, GOFLAGS: '' };
  const go = (args: readonly string[], cwd: string) => runCommand('go', args, { cwd, env, logFile: at.logFile });
  if (source.kind === 'module') {
    await go(['install', ...flags, ...source.packages.map((path) => `${path}@${component.version}`)], at.work);
    return;
  }
  const result = ['-o', join(at.output, source.binary), source.package];
  if (source.kind === 'folder') {
    await go(['build', ...flags, ...result], join(import.meta.dirname, source.folder));
    return;
  }
  const folder = await unvendoredCopy(`${source.module}@${component.version}`, at);
  await go(['build', ...flags, '-mod=mod', ...result], folder);
}

/** A writable copy of the module's source without its vendor folder. */
async function unvendoredCopy(
  module: string,
  at: { readonly work: string; readonly logFile: string },
): Promise<string> {
  const answer = await runCommand('go', ['mod', 'download', '-json', module], { cwd: at.work, logFile: at.logFile });
  const { Dir } = JSON.parse(answer) as { Dir: string };
  const copy = join(at.work, 'source');
  await cp(Dir, copy, { recursive: true, filter: (path) => relative(Dir, path) !== 'vendor' });
  await chmod(copy, 0o755);
  for (const entry of await readdir(copy)) if (/^go\.(mod|sum)$/.test(entry)) await chmod(join(copy, entry), 0o644);
  return copy;
}

function mainBinary(component: Component): string {
  return binariesOf(component)[0] ?? component.name;
}

function link(target: string, path: string): void {
  if (linkTarget(path) === target) return;
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh);
  renameSync(fresh, path);
}

function linkTarget(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(path) : undefined;
}
