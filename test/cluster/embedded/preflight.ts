import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from '../cluster-error.ts';
import { makeDirectories } from '../cluster-paths.ts';
import type { ClusterPaths } from '../cluster-paths.ts';
import { runCommand, succeeds } from '../process/run-command.ts';
import type { Progress } from '../process/step.ts';
import { embeddedComponents } from './components.ts';
import type { Component } from './components.ts';
import { cniPlugins } from './node/node-configuration.ts';
import { unbuilt } from './toolchain.ts';

/** A file that a Debian package brings. */
interface Need {
  readonly package: string;
  readonly files: readonly string[];
}

const needs: readonly Need[] = [
  { package: 'containernetworking-plugins', files: [`${cniPlugins}/bridge`] },
  { package: 'iptables', files: ['/usr/sbin/iptables', '/sbin/iptables'] },
  { package: 'iproute2', files: ['/usr/sbin/ip', '/sbin/ip', '/bin/ip', '/usr/bin/ip'] },
  { package: 'openssl', files: ['/usr/bin/openssl'] },
  { package: 'gcc', files: ['/usr/bin/cc'] },
  { package: 'libc6-dev', files: ['/usr/include/stdlib.h'] },
  { package: 'mmdebstrap', files: ['/usr/bin/mmdebstrap'] },
  { package: 'debian-archive-keyring', files: ['/usr/share/keyrings/debian-archive-keyring.gpg'] },
  { package: 'buildah', files: ['/usr/bin/buildah'] },
];
const buildNeeds: readonly Need[] = [
  { package: 'libseccomp-dev', files: ['/usr/include/seccomp.h'] },
  { package: 'pkg-config', files: ['/usr/bin/pkg-config'] },
];

/** The packages of `wanted` none of whose files is there. */
export function missingPackages(wanted: readonly Need[], exists: (path: string) => boolean): string[] {
  return wanted.filter(({ files }) => !files.some(exists)).map((need) => need.package);
}

/**
 * Checks that this machine can run the embedded cluster. Installs missing Debian packages; throws if something else is
 * missing.
 */
export async function preflight(paths: ClusterPaths, progress: Progress): Promise<void> {
  if (process.platform !== 'linux') {
    throw new ClusterError('missing', 'the embedded cluster needs Linux; with docker running, kind is used instead');
  }
  if (process.getuid?.() !== 0) {
    throw new ClusterError(
      'missing',
      'the embedded cluster needs root (network, mounts): run it with sudo, or start docker so that kind is used',
    );
  }
  const toBuild = unbuilt(paths, embeddedComponents);
  const wanted = toBuild.length === 0 ? needs : [...needs, ...buildNeeds];
  makeDirectories([paths.state]);
  await ensurePackages(wanted, { marker: join(paths.state, 'packages-unfinished'), progress });
  if (toBuild.length > 0) await requireGo(toBuild);
  const problems = await kernelProblems();
  if (problems.length > 0)
    throw new ClusterError('missing', `this kernel lacks what the cluster needs:\n${problems.join('\n')}`);
}

/** Throws unless a Go is there that can build `components`. */
export async function requireGo(components: readonly Component[]): Promise<void> {
  const names = components.map(({ name }) => name).join(', ');
  const remedy = `Go 1.26 or newer builds ${names}: install it from https://go.dev/dl and put it on the PATH`;
  if (!(await succeeds('go', ['version']))) throw new ClusterError('missing', `go is not there. ${remedy}`);
  const version = (await runCommand('go', ['env', 'GOVERSION'])).trim();
  if (!isGoNewEnough(version)) throw new ClusterError('missing', `${version} is too old. ${remedy}`);
}

/** From 1.26 on; Go's own tool chain switch covers an older one only where it may download. */
export function isGoNewEnough(version: string): boolean {
  const [, major = '0', minor = '0'] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 26);
}

interface PackageOptions {
  readonly progress: Progress;
  /**
   * File that lists the packages while they are being installed: after an interrupt, packages may look complete.
   */
  readonly marker: string;
}

async function ensurePackages(wanted: readonly Need[], { marker, progress }: PackageOptions): Promise<void> {
  const unfinished = existsSync(marker) ? readFileSync(marker, 'utf8').split(' ').filter(Boolean) : [];
  const missing = [...new Set([...missingPackages(wanted, existsSync), ...unfinished])];
  if (missing.length === 0) return;
  const call = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new ClusterError('missing', `these Debian packages, or what they hold, are missing: ${missing.join(' ')}`);
  }
  await progress.step(`install Debian packages: ${missing.join(' ')}`, async ({ logFile }) => {
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=60', ...missing];
    writeFileSync(marker, missing.join(' '));
    if (unfinished.length > 0) await succeeds('dpkg', ['--configure', '-a'], { env, logFile });
    if (!(await succeeds('apt-get', install, { env, logFile }))) {
      await runCommand('apt-get', ['update'], { env, logFile });
      await runCommand('apt-get', install, { env, logFile });
    }
    rmSync(marker);
  });
  const still = missingPackages(wanted, existsSync);
  if (still.length > 0) throw new ClusterError('missing', `after ${call} these are still missing: ${still.join(' ')}`);
}

/** Tries each kernel feature for real, and takes back what the trial made. */
async function kernelProblems(): Promise<string[]> {
  const problems: string[] = [];
  const overlay =
    readFileSync('/proc/filesystems', 'utf8').includes('overlay') || (await succeeds('modprobe', ['overlay']));
  if (!overlay) problems.push('  overlayfs (CONFIG_OVERLAY_FS): container images are stacked with it');
  const bridged = existsSync('/proc/sys/net/bridge') || (await succeeds('modprobe', ['br_netfilter']));
  if (!bridged)
    problems.push(
      '  bridge netfilter (CONFIG_BRIDGE_NETFILTER, module br_netfilter): Services and NetworkPolicy between pods',
    );
  for (const type of ['bridge', 'veth']) {
    const made = await succeeds('ip', ['link', 'add', 'tsprobe0', 'type', type]);
    await succeeds('ip', ['link', 'delete', 'tsprobe0']);
    if (!made) problems.push(`  links of type ${type} (CONFIG_${type.toUpperCase()}), or the right to make them`);
  }
  const chain = 'TRADINGSTACK-PROBE';
  const rules: readonly (readonly [string, string])[] = [
    ['-t filter', '-m conntrack --ctstate NEW -j NFQUEUE --queue-num 98 --queue-bypass'],
    ['-t nat', '-p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 198.18.0.1:1'],
  ];
  for (const [table, rule] of rules) {
    const iptables = (args: string) => succeeds('iptables', `-w ${table} ${args}`.split(' '));
    const works = (await iptables(`-N ${chain}`)) && (await iptables(`-A ${chain} ${rule}`));
    await iptables(`-F ${chain}`);
    await iptables(`-X ${chain}`);
    if (!works)
      problems.push(`  iptables ${table} ${rule} (CONFIG_NETFILTER_XT_TARGET_NFQUEUE, CONFIG_NF_NAT, conntrack)`);
  }
  return problems;
}
