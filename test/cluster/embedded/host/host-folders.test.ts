import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clearHostFolders, rememberHostFolders } from './host-folders.ts';

let host = '';
let state = '';
const servers: Server[] = [];
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), 'host-'));
  state = join(host, 'state');
  mkdirSync(state);
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(host, { recursive: true });
});

const isThere = (path: string) => existsSync(join(host, path));

it('leaves nothing behind on a host that had none of it', async () => {
  rememberHostFolders(state, host);
  writeOurs();
  clearHostFolders(state, host);
  for (const folder of [
    'run/containerd',
    'var/lib/cni',
    'var/lib/kubelet',
    'var/log/containers',
    'usr/libexec/kubernetes',
  ]) {
    expect([folder, isThere(folder)]).toEqual([folder, false]);
  }
  expect(isThere('usr/libexec')).toBe(true);
});

it('keeps the files of a runtime and a kubelet that were installed later', async () => {
  rememberHostFolders(state, host);
  writeOurs();
  const foreign = [
    'run/containerd/runc/k8s.io/b/state.json',
    'run/containerd/config.toml',
    'var/lib/cni/results/podman-b-eth0',
    'var/lib/kubelet/config.yaml',
    'usr/libexec/kubernetes/kubelet-plugins/volume/exec/driver',
  ];
  for (const path of foreign) write(path, '/somewhere/else');
  await listen('run/containerd/s/b');
  clearHostFolders(state, host);
  for (const path of [...foreign, 'run/containerd/s/b']) expect([path, isThere(path)]).toEqual([path, true]);
  expect(isThere('run/containerd/runc/k8s.io/a')).toBe(false);
  expect(isThere('var/lib/cni/results/tradingstack-a-eth0')).toBe(false);
});

it('keeps folders that existed before, even empty ones', () => {
  for (const folder of ['var/lib/kubelet/device-plugins', 'run/containerd/s'])
    mkdirSync(join(host, folder), { recursive: true });
  rememberHostFolders(state, host);
  writeOurs();
  clearHostFolders(state, host);
  expect(isThere('var/lib/kubelet/device-plugins')).toBe(true);
  expect(isThere('run/containerd/runc/k8s.io/a')).toBe(false);
  expect(isThere('run/containerd/s/a')).toBe(false);
  expect(isThere('run/containerd/s')).toBe(true);
});

function writeOurs(): void {
  write('run/containerd/runc/k8s.io/a/state.json', `{"bundle":"${state}/run/a"}`);
  write('var/lib/cni/results/tradingstack-a-eth0', `{"netns":"${state}/run/netns"}`);
  mkdirSync(join(host, 'var/log/containers'), { recursive: true });
  symlinkSync(`${state}/pod-logs/a/0.log`, join(host, 'var/log/containers/a.log'));
  const empty = [
    'run/containerd/s',
    'var/lib/kubelet/device-plugins',
    'usr/libexec/kubernetes/kubelet-plugins/volume/exec',
  ];
  for (const folder of empty) mkdirSync(join(host, folder), { recursive: true });
  for (const socket of ['run/containerd/s/a', 'var/lib/kubelet/device-plugins/kubelet.sock'])
    leaveSocket(join(host, socket));
}

/** As a process leaves it that is killed while it listens. */
function leaveSocket(path: string): void {
  const listen = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', listen]);
  expect(existsSync(path)).toBe(true);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(host, path)), { recursive: true });
  writeFileSync(join(host, path), text);
}

async function listen(path: string): Promise<void> {
  mkdirSync(dirname(join(host, path)), { recursive: true });
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(join(host, path), resolve));
}
