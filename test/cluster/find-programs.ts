import { join } from 'node:path';
import type { ClusterPaths } from './cluster-paths.ts';
import { helm, kubernetes } from './embedded/components.ts';
import { requireGo } from './embedded/preflight.ts';
import { ensureToolchain } from './embedded/toolchain.ts';
import type { Component } from './embedded/components.ts';
import { succeeds } from './process/run-command.ts';
import type { Progress } from './process/step.ts';

/** kubectl and helm of the machine, or built here where it has none. */
export async function findPrograms(
  paths: ClusterPaths,
  progress: Progress,
): Promise<{ kubectl: string; helm: string }> {
  const at = { paths, progress };
  return {
    kubectl: (await succeeds('kubectl', ['version', '--client']))
      ? 'kubectl'
      : await buildProgram('kubectl', kubernetes, at),
    helm: (await succeeds('helm', ['version'])) ? 'helm' : await buildProgram('helm', helm, at),
  };
}

/** Builds a component where it is not built yet, and returns the path of its program `name`. */
export async function buildProgram(
  name: string,
  component: Component,
  at: { readonly paths: ClusterPaths; readonly progress: Progress },
): Promise<string> {
  await requireGo([component]);
  return join(await ensureToolchain(at.paths, [component], at.progress), name);
}
