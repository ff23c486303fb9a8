import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectories } from '../../cluster-paths.ts';
import { environmentWith } from '../../config.ts';
import { succeeds } from '../../process/run-command.ts';
import { waitUntil } from '../../process/wait-until.ts';
import { addresses } from '../addresses.ts';
import { kubectl } from '../control-plane.ts';
import type { EmbeddedSettings } from '../embedded-settings.ts';
import { renderContainerd, renderKubelet, renderNetwork } from './node-configuration.ts';
import { ensureProcess, requireAlive } from '../host/processes.ts';

/** Starts the container runtime and waits until it answers. */
export async function startContainerd(settings: EmbeddedSettings): Promise<void> {
  const { state, bin } = settings;
  makeDirectories(['cni', 'run', 'volume-plugins'].map((name) => join(state, name)));
  writeFileSync(join(state, 'cni', '10-pods.conflist'), renderNetwork(settings));
  writeFileSync(join(state, 'containerd.toml'), renderContainerd(settings));
  await ensureProcess(state, {
    name: 'containerd',
    binary: join(bin, 'containerd'),
    args: ['--config', join(state, 'containerd.toml')],
    files: [join(state, 'containerd.toml')],
    // The runtime finds its shim and runc on the path.
    env: { PATH: `${bin}:${environmentWith()['PATH'] ?? ''}` },
  });
  const version = ['--address', settings.containerdSocket, 'version'];
  await waitUntil('containerd answers', () => succeeds(join(bin, 'ctr'), version, { timeoutMs: 5000 }), {
    seconds: 30,
    stillPossible: () => requireAlive(state, 'containerd'),
  });
}

/** Starts what makes this host a node, and waits until the API server has it from the kubelet that it is ready. */
export async function startNode(settings: EmbeddedSettings): Promise<void> {
  const { state, bin } = settings;
  writeFileSync(join(state, 'kubelet.json'), renderKubelet(settings));
  const startedAt = Date.now();
  const kubelet = await ensureProcess(state, {
    name: 'kubelet',
    binary: join(bin, 'kubelet'),
    args: [
      `--config=${join(state, 'kubelet.json')}`,
      `--kubeconfig=${join(state, 'pki', 'kubelet.kubeconfig')}`,
      `--hostname-override=${addresses.nodeName}`,
      `--node-ip=${addresses.node}`,
      `--root-dir=${join(state, 'kubelet')}`,
    ],
    files: [join(state, 'kubelet.json'), join(state, 'pki', 'kubelet.kubeconfig')],
    ports: [{ port: 10_248 }],
  });
  await startProxy(settings);
  const since = kubelet === 'started' ? startedAt : 0;
  await waitUntil('the node is ready', () => nodeIsReady(settings, since), {
    seconds: 60,
    stillPossible: () => ['kubelet', 'kube-proxy', 'network-policies'].forEach((name) => requireAlive(state, name)),
  });
}

/** Whether the node said at or after `sinceMs` that it is ready: what it said before its last stop does not count. */
export async function nodeIsReady(settings: EmbeddedSettings, sinceMs = 0): Promise<boolean> {
  const output = await kubectl(settings, ['get', 'node', addresses.nodeName, '--ignore-not-found', '-o', 'json']);
  if (output.trim() === '') return false;
  const { status } = JSON.parse(output) as {
    status: { conditions?: { type: string; status: string; lastHeartbeatTime: string }[] };
  };
  const ready = status.conditions?.find((condition) => condition.type === 'Ready');
  // Heartbeats are written with whole seconds.
  return ready?.status === 'True' && Date.parse(ready.lastHeartbeatTime) + 1000 > sinceMs;
}

/**
 * kube-proxy, and the NetworkPolicy engine of SIG Network (the one that kind ships), which judges the first packet of
 * each connection in a netfilter queue.
 */
async function startProxy({ state, bin, kubeconfig }: EmbeddedSettings): Promise<void> {
  await ensureProcess(state, {
    name: 'kube-proxy',
    binary: join(bin, 'kube-proxy'),
    args: [
      `--kubeconfig=${join(state, 'pki', 'proxy.kubeconfig')}`,
      `--hostname-override=${addresses.nodeName}`,
      '--proxy-mode=iptables',
      `--cluster-cidr=${addresses.pods}`,
      '--iptables-localhost-nodeports=false',
      '--metrics-bind-address=127.0.0.1:10249',
      '--healthz-bind-address=127.0.0.1:10256',
      // The connection-tracking table is the host's: its size and time-outs stay as they are.
      '--conntrack-max-per-core=0',
      '--conntrack-tcp-timeout-established=0s',
      '--conntrack-tcp-timeout-close-wait=0s',
    ],
    files: [join(state, 'pki', 'proxy.kubeconfig')],
    ports: [{ port: 10_249 }, { port: 10_256 }],
  });
  await ensureProcess(state, {
    name: 'network-policies',
    binary: join(bin, 'kube-network-policies'),
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${addresses.nodeName}`,
      '--disable-nri',
      `--nfqueue-id=${addresses.policyQueue}`,
      '--metrics-bind-address=127.0.0.1:19080',
    ],
    files: [kubeconfig],
    ports: [{ port: 19_080 }],
  });
}
