import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kubelet, the container runtime and the CNI plugins write whatever they are told. */
const fixedFolders = [
  '/run/containerd',
  '/var/lib/cni',
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
  '/usr/libexec/kubernetes',
];

/** Notes which of these the host had before the cluster's first start. */
export function rememberHostFolders(state: string): void {
  const path = join(state, 'host-folders.json');
  if (!existsSync(path)) writeFileSync(path, JSON.stringify(fixedFolders.filter((folder) => existsSync(folder))));
}

/** Removes the folders that came with the cluster; in those that were there before, only what names its state folder. */
export function clearHostFolders(state: string): void {
  const path = join(state, 'host-folders.json');
  if (!existsSync(path)) return;
  const before = JSON.parse(readFileSync(path, 'utf8')) as string[];
  for (const folder of fixedFolders.filter((folder) => !before.includes(folder)))
    rmSync(folder, { recursive: true, force: true });
  if (before.includes('/var/lib/cni') && existsSync('/var/lib/cni/results')) {
    for (const name of readdirSync('/var/lib/cni/results')) {
      const file = join('/var/lib/cni/results', name);
      if (readFileSync(file, 'utf8').includes(`${state}/`)) rmSync(file);
    }
  }
  rmSync(path);
}
