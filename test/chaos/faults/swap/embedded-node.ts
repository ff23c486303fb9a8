import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterPaths } from '../../../cluster/cluster-paths.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { readConfig } from '../../../cluster/config.ts';
import { embeddedSettings, type EmbeddedSettings } from '../../../cluster/embedded/embedded-settings.ts';
import { readStartTime, stopProcesses } from '../../../cluster/embedded/host/processes.ts';
import { stopContainers } from '../../../cluster/embedded/node/containers.ts';
import { startContainerd, startNode } from '../../../cluster/embedded/node/node.ts';
import { pause } from '../pause.ts';

function settingsOf({ kind }: Cluster): EmbeddedSettings {
  if (kind !== 'embedded') throw new Error(`this fault works on the embedded cluster only, not on ${kind}`);
  const config = readConfig();
  return embeddedSettings(clusterPaths(config.cacheDirectory), config);
}

/**
 * Stops the process of the API server for so many seconds, or until `stop`: connections stay open without an answer. A
 * shell of its own lets it continue, so that it does even if this process is killed meanwhile.
 */
export async function stopApiServer(cluster: Cluster, seconds: number, stop: AbortSignal): Promise<void> {
  const pid = pidOf(settingsOf(cluster).state, 'apiserver');
  await stopProcessFor(pid, seconds, stop);
}

/** Stops a process, and continues it after so many seconds or at `stop`. */
export async function stopProcessFor(pid: number, seconds: number, stop: AbortSignal): Promise<void> {
  const script = 'sleep "$1"; kill -CONT "$0"';
  const guard = spawn('sh', ['-c', script, String(pid), String(seconds)], { detached: true, stdio: 'ignore' });
  guard.unref();
  await once(guard, 'spawn');
  try {
    process.kill(pid, 'SIGSTOP');
    await pause(seconds, stop);
  } finally {
    process.kill(pid, 'SIGCONT');
    endGroup(guard.pid);
  }
}

/** Ends a shell with what it runs, unless it has ended. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Returns the pid of a program of the cluster. Throws if it does not run. */
export function pidOf(state: string, name: string): number {
  const text = readFileSync(join(state, 'processes', `${name}.json`), 'utf8');
  const { pid, startTime } = JSON.parse(text) as { readonly pid: number; readonly startTime: string };
  if (readStartTime(pid) !== startTime) throw new Error(`${name} does not run`);
  return pid;
}

/**
 * Restarts the only node, as a power cut of it would: the kubelet and the runtime end, every container of the cluster
 * is killed, whatever namespace it is of, and both start again. The API server and its database are not on the node.
 */
export async function restartNode(cluster: Cluster): Promise<void> {
  const settings = settingsOf(cluster);
  try {
    // Without the runtime, no record of a container is removed: at its start it finds them dead, as after a power cut.
    await stopProcesses(settings.state, ['kubelet', 'containerd']);
    await stopContainers(settings, 0);
  } finally {
    await startContainerd(settings);
    await startNode(settings);
  }
}
