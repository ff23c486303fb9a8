import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const port = (value: number) => z.coerce.number().int().min(1024).max(65_535).default(value);

const schema = z.object({
  HOME: z.string().default(homedir()),
  PATH: z.string().default('/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'),
  SHELL: z.string().default('/bin/sh'),
  XDG_CACHE_HOME: z.string().optional(),
  // The default port. Another one is passed to the network policy of the operator.
  CLUSTER_API_PORT: port(6443),
  CLUSTER_ETCD_PORT: port(12_379),
  CLUSTER_REGISTRY_PORT: port(5001),
  IMAGE: z.string().optional(),
  PUSH_IMAGE: z.string().optional(),
});

/** Settings of the local cluster from the environment. */
export interface ClusterConfig {
  /** Folder of all files that are kept. Nothing is written into the checkout. */
  readonly cacheDirectory: string;
  readonly path: string;
  readonly shell: string;
  /** `etcdPeer` is the port after `etcd`. */
  readonly ports: { readonly api: number; readonly etcd: number; readonly etcdPeer: number; readonly registry: number };
  /** Set by skaffold for a custom build: the name to push to, and whether to push. */
  readonly skaffold: { readonly image: string; readonly push: boolean } | undefined;
}

/** Parses the environment once; throws with every problem at once. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): ClusterConfig {
  const env = schema.parse(environment);
  return Object.freeze({
    cacheDirectory: join(env.XDG_CACHE_HOME ?? join(env.HOME, '.cache'), 'tradingstack'),
    path: env.PATH,
    shell: env.SHELL,
    ports: {
      api: env.CLUSTER_API_PORT,
      etcd: env.CLUSTER_ETCD_PORT,
      etcdPeer: env.CLUSTER_ETCD_PORT + 1,
      registry: env.CLUSTER_REGISTRY_PORT,
    },
    skaffold: env.IMAGE === undefined ? undefined : { image: env.IMAGE, push: env.PUSH_IMAGE !== 'false' },
  });
}

/** The environment of this process with `extra` in it, for a child process. */
export function environmentWith(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}

/** Of a process that outlives its shell, whose own temporary folder may be removed: exec into containers needs one. */
export function daemonEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { TMPDIR: _ofTheShell, ...rest } = process.env;
  return { ...rest, ...extra };
}

/** The kubeconfig that the user's own tools read, if the environment names one. */
export function userKubeconfig(): string | undefined {
  return process.env['KUBECONFIG'];
}
