import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.ts';

/** The folders of the local cluster, all below the cache directory. */
export interface ClusterPaths {
  readonly root: string;
  /** One folder for each built program, named by version and recipe. */
  readonly toolchain: string;
  /** Links to the programs of the present versions. */
  readonly bin: string;
  /** What `down` keeps and `purge` removes: the database of the API server, volumes, image layers. */
  readonly state: string;
  /** Of the cluster that kind makes; the rest of that one is docker's. */
  readonly kindKubeconfig: string;
  /** Image archives and the record of which inputs were built to which digest. */
  readonly images: string;
  readonly logs: string;
  /** Held by whoever changes the cluster. */
  readonly lock: string;
}

export function clusterPaths(cacheDirectory: string): ClusterPaths {
  const at = (name: string) => join(cacheDirectory, name);
  return {
    root: cacheDirectory,
    toolchain: at('toolchain'),
    bin: at('bin'),
    state: at('state'),
    kindKubeconfig: at('kind/kubeconfig'),
    images: at('images'),
    logs: at('log'),
    lock: at('lock.sqlite'),
  };
}

/** Creates the missing folders. If the cache is not writable, the error explains how to move it. */
export function makeDirectories(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      mkdirSync(path, { recursive: true });
    } catch (error) {
      const remedy = 'set XDG_CACHE_HOME to a directory that you can write to';
      throw new ClusterError('missing', `${path} cannot be created: ${remedy}`, { cause: error });
    }
  }
}

const workFolder = /\.work-(\d+)-/;

/** The start of a name for a folder of unfinished work; it identifies the process that works there. */
export function workPrefix(path: string): string {
  return `${path}.work-${process.pid}-`;
}

/** Removes the unfinished work of processes that are gone. */
export function removeAbandonedWork(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = workFolder.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}
