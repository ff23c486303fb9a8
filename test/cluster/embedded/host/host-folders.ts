import {
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import type { Dirent } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Fixed paths that the kubelet, the container runtime and the CNI plugins write to, in folders that other programs use
 * too.
 */
const places = [
  { folder: '/run/containerd', below: ['s', 'runc/k8s.io'] },
  { folder: '/var/lib/cni', below: ['results'] },
  { folder: '/var/lib/kubelet', below: ['device-plugins'] },
  { folder: '/var/log/containers', below: ['.'] },
  { folder: '/usr/libexec/kubernetes', below: ['kubelet-plugins/volume/exec'] },
] as const;

/** Notes which of these the host had before the cluster's first start. `host` is the root of the file system. */
export function rememberHostFolders(state: string, host = '/'): void {
  const path = join(state, 'host-folders.json');
  const before = places.map(({ folder }) => folder).filter((folder) => existsSync(join(host, folder)));
  if (!existsSync(path)) writeFileSync(path, JSON.stringify(before));
}

/**
 * Removes what the stopped cluster left in these folders: files and links that refer to its state folder, sockets
 * without a listener, and empty folders that the cluster created. Files of a container runtime or kubelet that was
 * installed later are kept, whether it runs or not.
 */
export function clearHostFolders(state: string, host = '/'): void {
  const path = join(state, 'host-folders.json');
  if (!existsSync(path)) return;
  const before = JSON.parse(readFileSync(path, 'utf8')) as string[];
  const isOurs = ownership(state);
  for (const { folder, below } of places) {
    const top = join(host, folder);
    for (const place of below.map((name) => join(top, name))) {
      if (existsSync(place)) clear(place, isOurs);
      if (!before.includes(folder)) removeEmpty(place, top);
    }
  }
  rmSync(path);
}

type IsOurs = (path: string, entry: Dirent) => boolean;

function ownership(state: string): IsOurs {
  const listening = readFileSync('/proc/net/unix', 'utf8');
  const names = `${state}/`;
  return (path, entry) => {
    if (entry.isSymbolicLink()) return readlinkSync(path).startsWith(names);
    if (entry.isSocket()) return !listening.includes(path);
    return entry.isFile() && lstatSync(path).size < 1_000_000 && readFileSync(path, 'utf8').includes(names);
  };
}

/** A folder below goes when it has become empty by this. */
function clear(folder: string, isOurs: IsOurs): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const wasEmpty = isEmpty(path);
      clear(path, isOurs);
      if (!wasEmpty && isEmpty(path)) rmdirSync(path);
    } else if (isOurs(path, entry)) {
      rmSync(path);
    }
  }
}

/** From `place` up to `top`, as far as they are empty. */
function removeEmpty(place: string, top: string): void {
  for (let folder = place; folder.startsWith(top); folder = dirname(folder)) {
    if (!existsSync(folder)) continue;
    if (!isEmpty(folder)) return;
    rmdirSync(folder);
  }
}

function isEmpty(folder: string): boolean {
  return readdirSync(folder).length === 0;
}
