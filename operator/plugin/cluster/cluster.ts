import { KubeConfig } from '@kubernetes/client-node';
import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { messageOf } from '../../../services/shared/runtime/errors.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { PluginError } from '../call/plugin-error.ts';
import { createKubeClient, type KubeClient } from '../../kube/client/client.ts';
import { createConnection } from '../../kube/client/connection.ts';
import { createRawReader, type ReadRaw } from './read-raw.ts';

/** Manager of the fields that the plugin sets. The operator knows it as one that a person uses. */
export const FIELD_MANAGER = 'kubectl-tradingstack';

/** One cluster as the user's kubeconfig reaches it. */
export interface Cluster {
  readonly client: KubeClient;
  /** Reads paths that are no objects: logs, processes behind the proxy, discovery. */
  readonly readRaw: ReadRaw;
  readonly namespace: string;
  /** Flags that aim kubectl at the same cluster. */
  readonly kubectlFlags: readonly string[];
  close(): Promise<void>;
}

export interface Access {
  readonly kubeConfig: KubeConfig;
  readonly namespace: string;
  readonly kubectlFlags: readonly string[];
}

export interface AccessFlags {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly namespace: string | undefined;
}

/** Reads the kubeconfig as kubectl does. Throws PluginError that names the flag to change. */
export function readAccess({ kubeconfig, context, namespace }: AccessFlags): Access {
  const kubeConfig = loadKubeConfig(kubeconfig);
  if (context !== undefined) chooseContext(kubeConfig, context);
  if (kubeConfig.getCurrentCluster() === null)
    throw new PluginError('Usage', 'the kubeconfig has no current context; give --context, or --kubeconfig');
  const current = kubeConfig.getContextObject(kubeConfig.getCurrentContext());
  const flag = (name: string, value: string | undefined) => (value === undefined ? [] : [`--${name}=${value}`]);
  return {
    kubeConfig,
    namespace: namespace ?? current?.namespace ?? 'default',
    kubectlFlags: [...flag('kubeconfig', kubeconfig), ...flag('context', context)],
  };
}

function loadKubeConfig(file: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (file === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(file);
  } catch (error) {
    const what = file === undefined ? 'the kubeconfig' : `--kubeconfig ${file}`;
    const [problem = ''] = messageOf(error).split('\n');
    throw new PluginError('Usage', `${what} cannot be read: ${problem}`, { cause: error });
  }
  if (file === undefined && isMadeUp(kubeConfig)) throw new PluginError('Usage', NO_KUBECONFIG);
  return kubeConfig;
}

const NO_KUBECONFIG =
  'there is no kubeconfig: KUBECONFIG is not set and ~/.kube/config does not exist; give --kubeconfig';

/** Without a file, and outside a pod, the client library makes up a cluster of this name at localhost. */
function isMadeUp(kubeConfig: KubeConfig): boolean {
  const isItsName = kubeConfig.getCurrentContext() === 'loaded-context';
  return isItsName && kubeConfig.getCurrentCluster()?.server === 'http://localhost:8080';
}

function chooseContext(kubeConfig: KubeConfig, context: string): void {
  const names = kubeConfig.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    const known = names.join(', ') || 'no contexts';
    throw new PluginError('Usage', `--context is "${context}"; the kubeconfig has ${known}`);
  }
  kubeConfig.setCurrentContext(context);
}

/** Opens the cluster. The caller closes it. */
export function openCluster(access: Access, { clock, log }: { readonly clock: Clock; readonly log: Logger }): Cluster {
  const { kubeConfig, namespace, kubectlFlags } = access;
  const common = { kubeConfig, clock, maxConnections: 8 };
  const client = createKubeClient({ ...common, log, userAgent: FIELD_MANAGER, lease: 'None' });
  const connection = createConnection(common);
  return {
    client,
    readRaw: createRawReader({ connection, clock, userAgent: FIELD_MANAGER }),
    namespace,
    kubectlFlags,
    close: async () => {
      await Promise.all([client.close(), connection.close()]);
    },
  };
}
