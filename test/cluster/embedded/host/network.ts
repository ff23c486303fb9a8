import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, succeeds } from '../../process/run-command.ts';
import { addresses } from '../addresses.ts';
import type { EmbeddedSettings } from '../embedded-settings.ts';
import { removalOf } from './iptables-removal.ts';

/** Kernel settings that the cluster or its kubelet changes; `down` puts back what was there. */
const kernelSettings = [
  'net/ipv4/ip_forward',
  'net/bridge/bridge-nf-call-iptables',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** The address of the node, forwarding between the pods, and the queue for the NetworkPolicy engine. */
export async function ensureNetwork(settings: EmbeddedSettings): Promise<void> {
  rememberKernelSettings(settings.state);
  await runCommand('ip', ['address', 'replace', `${addresses.node}/32`, 'dev', 'lo']);
  if (!existsSync('/proc/sys/net/bridge')) await succeeds('modprobe', ['br_netfilter']);
  for (const name of ['net/ipv4/ip_forward', 'net/bridge/bridge-nf-call-iptables']) {
    writeFileSync(`/proc/sys/${name}`, '1\n');
  }
  for (const rule of policyRules) {
    if (!(await iptables(['-C', ...rule]))) await runCommand('iptables', ['-w', '-I', ...rule]);
  }
}

/** Whether the node's address and the pods' bridge are still where `ensureNetwork` and the first pod put them. */
export async function networkIsThere(): Promise<boolean> {
  const loopback = await runCommand('ip', ['-brief', 'address', 'show', 'dev', 'lo']);
  return loopback.includes(`${addresses.node}/32`) && existsSync(`/sys/class/net/${addresses.bridge}`);
}

/** Takes away everything that the cluster put into the host's network. */
export async function removeNetwork(settings: EmbeddedSettings): Promise<void> {
  // Nothing was made from this state folder, so what is there belongs to somebody else.
  if (!existsSync(join(settings.state, 'kernel-settings.json'))) return;
  for (const rule of policyRules) while (await iptables(['-D', ...rule]));
  for (const family of ['iptables', 'ip6tables']) await removeChains(family);
  await succeeds('nft', ['delete', 'table', 'inet', 'kube-network-policies']);
  await succeeds('ip', ['link', 'delete', addresses.bridge]);
  await succeeds('ip', ['address', 'delete', `${addresses.node}/32`, 'dev', 'lo']);
  restoreKernelSettings(settings.state);
}

// Kernels without nft_queue refuse the engine's own nftables rules; these feed its queue instead. The bypass lets
// packets pass while no engine listens, so that a cluster that is starting can reach its own API server.
const queue = [
  '-m',
  'conntrack',
  '--ctstate',
  'NEW',
  '-j',
  'NFQUEUE',
  '--queue-num',
  String(addresses.policyQueue),
  '--queue-bypass',
];
const policyRules = [
  ['FORWARD', ...queue],
  ['INPUT', '-i', addresses.bridge, ...queue],
];

function iptables(args: readonly string[]): Promise<boolean> {
  return succeeds('iptables', ['-w', ...args]);
}

async function removeChains(family: string): Promise<void> {
  if (!(await succeeds(`${family}-save`, ['-t', 'filter']))) return;
  const script = removalOf(await runCommand(`${family}-save`, []));
  if (script !== '') await runCommand(`${family}-restore`, ['-w', '--noflush'], { input: script });
}

function rememberKernelSettings(state: string): void {
  const path = join(state, 'kernel-settings.json');
  if (existsSync(path)) return;
  const values = kernelSettings.filter((name) => existsSync(`/proc/sys/${name}`)).map((name) => [name, read(name)]);
  writeFileSync(path, JSON.stringify(Object.fromEntries(values)));
}

function restoreKernelSettings(state: string): void {
  const path = join(state, 'kernel-settings.json');
  if (!existsSync(path)) return;
  const values = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
  for (const [name, value] of toRestore(values, bridges())) {
    if (existsSync(`/proc/sys/${name}`) && read(name) !== value) writeFileSync(`/proc/sys/${name}`, `${value}\n`);
  }
  rmSync(path);
}

/** Leaves IP forwarding on while another program's bridge exists, because that bridge may need it. */
export function toRestore(values: Readonly<Record<string, string>>, bridges: readonly string[]): [string, string][] {
  const isShared = bridges.some((bridge) => bridge !== addresses.bridge);
  return Object.entries(values).filter(([name]) => !(isShared && name.startsWith('net/')));
}

function bridges(): string[] {
  return readdirSync('/sys/class/net').filter((name) => existsSync(`/sys/class/net/${name}/bridge`));
}

function read(name: string): string {
  return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
}
