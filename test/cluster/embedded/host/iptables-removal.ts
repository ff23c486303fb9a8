import { addresses } from '../addresses.ts';

/** Chains that the kubelet and kube-proxy make, of which a host has one each. */
const ofKubernetes = /^KUBE-/;
/** And those of the CNI plugins, which podman and others call as well. */
const ofKubernetesAndCni = /^(KUBE|CNI)-/;
/** The plugins name the network in a comment to each rule: `name: "podman" id: "..."`. */
const networkNames = /name: \\"([^"\\]*)\\"/g;

/**
 * From the output of `iptables-save`, the input of `iptables-restore --noflush` that removes the chains of Kubernetes
 * and every rule that jumps to them, and leaves all other rules alone; empty where there is nothing to remove. The
 * chains of the CNI plugins stay where another network uses them.
 */
export function removalOf(saved: string): string {
  const isShared = saved.matchAll(networkNames).some(([, name]) => name !== addresses.network);
  const ours = isShared ? ofKubernetes : ofKubernetesAndCni;
  const script: string[] = [];
  for (const table of saved.split(/^(?=\*)/m).filter((part) => part.startsWith('*'))) {
    const lines = table.split('\n');
    const chains = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1).split(' ')[0] ?? '');
    const removed = chains.filter((chain) => ours.test(chain));
    const jumps = lines.filter((line) => jumpsInto(ours, line)).map((line) => line.replace('-A ', '-D '));
    if (removed.length === 0 && jumps.length === 0) continue;
    script.push(
      lines[0] ?? '',
      ...removed.map((chain) => `:${chain} - [0:0]`),
      ...jumps,
      ...removed.map((chain) => `-X ${chain}`),
      'COMMIT',
    );
  }
  return script.length === 0 ? '' : `${script.join('\n')}\n`;
}

function jumpsInto(ours: RegExp, line: string): boolean {
  const [, chain, target] = /^-A (\S+) .*-[jg] (\S+)/.exec(line) ?? [];
  return chain !== undefined && target !== undefined && !ours.test(chain) && ours.test(target);
}
