import type { Cluster } from '../cluster/cluster.ts';
import type { Kubectl } from './kubectl.ts';
import { createKubectl, type KubectlOptions } from './kubectl.ts';
import { until } from './until.ts';

/** The namespace and name of a stack, and the ID that keys its rows in the database. */
export interface StackPlace {
  readonly namespace: string;
  readonly name: string;
  /** `<name>-<first 8 characters of the uid>`. */
  readonly id: string;
}

/** What the environment of the run provides to every test file. */
export interface E2eEnvironment {
  readonly cluster: Cluster;
  readonly kubectlOptions: KubectlOptions;
  readonly image: string;
  readonly place: StackPlace;
  readonly operatorNamespace: string;
  /** Namespace of this run without a stack. */
  readonly strangerNamespace: string;
  /** The distinct lines of `kubectl get tradingstack` while the stack started. */
  readonly phases: readonly string[];
}

declare module 'vitest' {
  interface ProvidedContext {
    e2e: E2eEnvironment;
  }
}

interface StackView {
  readonly metadata: { readonly uid: string; readonly generation: number };
  readonly status?: { readonly phase?: string; readonly observedGeneration?: number; readonly blockedBy?: string };
}

export function kubectlOf(cluster: Cluster): { readonly kubectl: Kubectl; readonly kubectlOptions: KubectlOptions } {
  const kubectlOptions = { binary: cluster.kubectl, kubeconfig: cluster.kubeconfig, context: cluster.context };
  return { kubectl: createKubectl(kubectlOptions), kubectlOptions };
}

/**
 * Waits until the stack runs its newest spec, at most five minutes. Calls `onLine` for every new line of `kubectl get`.
 * Throws after that time.
 */
export async function untilRunning(
  kubectl: Kubectl,
  { namespace, name }: Pick<StackPlace, 'namespace' | 'name'>,
  onLine: (line: string) => void = () => {},
): Promise<StackPlace> {
  let last = '';
  const reportLine = async (): Promise<void> => {
    const line = (await kubectl.run('-n', namespace, 'get', 'tradingstack', name, '--no-headers')).trim();
    const withoutAges = line.replace(/(\s+\S+){2}$/, '');
    if (withoutAges !== last) onLine(line);
    last = withoutAges;
  };
  const view = await until(
    `stack ${name} to run`,
    async () => {
      await reportLine();
      const observed = await kubectl.json<StackView>('-n', namespace, 'get', 'tradingstack', name);
      const current = observed.status?.observedGeneration === observed.metadata.generation;
      return current && observed.status?.phase === 'Running' ? observed : undefined;
    },
    { withinMs: 300_000, everyMs: 250 },
  );
  await reportLine();
  return { namespace, name, id: `${name}-${view.metadata.uid.slice(0, 8)}` };
}
