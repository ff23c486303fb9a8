import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, succeeds } from '../process/run-command.ts';
import type { Progress } from '../process/step.ts';
import { stopContainers } from './node/containers.ts';
import type { EmbeddedSettings } from './embedded-settings.ts';
import { clearHostFolders } from './host/host-folders.ts';
import { removeNetwork } from './host/network.ts';
import { recordedProcesses, stopProcesses, strayProcesses } from './host/processes.ts';

/**
 * Stops what `up` started and nothing else. The database of the API server, the volumes and the images stay, so that
 * the next `up` continues where this one left off.
 */
export async function embeddedDown(settings: EmbeddedSettings, progress: Progress): Promise<void> {
  const { state } = settings;
  if (!existsSync(state)) {
    progress.say('  no embedded cluster exists');
    return;
  }
  await progress.step('stop the node', async () => {
    await stopProcesses(state, ['kubelet', 'kube-proxy', 'network-policies', 'controller-manager', 'scheduler'], 1500);
    await stopContainers(settings, 3000);
  });
  await progress.step('stop the control plane', async () => {
    // The API server keeps nothing itself and would wait for open watches: it gets a moment only.
    await stopProcesses(state, ['apiserver'], 1000);
    await stopProcesses(state, recordedProcesses(state));
    for (const pid of strayProcesses(state, settings.paths.toolchain)) process.kill(pid, 'SIGKILL');
  });
  await progress.step('clear mounts and network', async () => {
    await unmountBelow(state);
    await removeNetwork(settings);
    for (const name of ['run', 'ipam', 'opt', 'containerd.sock', 'containerd.sock.ttrpc', 'revision']) {
      rmSync(join(state, name), { recursive: true, force: true });
    }
    clearHostFolders(state);
    await removeCgroups();
  });
}

/** Mount points below `folder`, deepest first, from the text of /proc/self/mounts, where a space is written \040. */
export function mountsBelow(folder: string, mounts: string): string[] {
  return mounts
    .split('\n')
    .map((line) =>
      (line.split(' ')[1] ?? '').replaceAll(/\\([0-7]{3})/g, (_, code: string) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    )
    .filter((path) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}

async function unmountBelow(folder: string): Promise<void> {
  for (const path of mountsBelow(folder, readFileSync('/proc/self/mounts', 'utf8'))) {
    await runCommand('umount', ['--lazy', path]);
  }
}

/** The node's containers lived in cgroups below `k8s.io`; empty ones are left behind by a kill. */
async function removeCgroups(): Promise<void> {
  const roots = [
    '/sys/fs/cgroup',
    ...(existsSync('/sys/fs/cgroup') ? readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`) : []),
  ];
  for (const folder of roots.map((root) => join(root, 'k8s.io')).filter(existsSync)) {
    await succeeds('find', [folder, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', '+']);
  }
}
