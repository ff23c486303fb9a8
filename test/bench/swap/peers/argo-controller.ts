import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { environmentWith } from '../../../cluster/config.ts';
import { argoRollouts } from '../../../cluster/embedded/components.ts';
import { ensureToolchain } from '../../../cluster/embedded/toolchain.ts';
import { runCommand } from '../../../cluster/process/run-command.ts';
import { diesWithParent } from '../../../harness/stores/native-server.ts';
import { NAMESPACE, type BenchCluster } from '../cluster/bench-cluster.ts';

/**
 * Builds the controller from its Go module, and runs it on this machine for the namespace of the bench only. The kinds
 * that it serves are created for the run; a cluster that has them already keeps them.
 */
export async function startArgoRollouts(bench: BenchCluster): Promise<() => Promise<void>> {
  const { paths, progress, cluster, kubectl } = bench;
  const programs = await ensureToolchain(paths, [argoRollouts], progress);
  const manifests = join(await moduleFolder(), 'manifests', 'crds');
  const known = await kubectl.run('get', 'crd', 'rollouts.argoproj.io', '--ignore-not-found', '-o', 'name');
  // The annotation of a client-side apply would exceed its limit.
  if (known === '') await kubectl.run('create', '-k', manifests);
  const names = ['--kubeconfig', cluster.kubeconfig, '--context', cluster.context, '--namespace', NAMESPACE];
  const options = ['--namespaced', '--leader-elect=false', '--metricsPort=0', '--healthzPort=0', '--loglevel=warn'];
  const { command, args } = diesWithParent(join(programs, 'rollouts-controller'), [...names, ...options]);
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], env: environmentWith({}) });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
  });
  let stopping = false;
  child.once('exit', (code) => {
    if (!stopping) progress.say(`the controller of Argo Rollouts ended with ${String(code)}: ${output}`);
  });
  return async () => {
    stopping = true;
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill();
    await ended;
    if (known === '') await kubectl.run('delete', '-k', manifests, '--timeout=25s');
  };
}

async function moduleFolder(): Promise<string> {
  const { source, version } = argoRollouts;
  if (source.kind !== 'unvendored') throw new TypeError('the module is built with go install');
  const answer = await runCommand('go', ['mod', 'download', '-json', `${source.module}@${version}`]);
  return (JSON.parse(answer) as { readonly Dir: string }).Dir;
}
