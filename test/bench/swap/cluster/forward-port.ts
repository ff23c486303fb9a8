import { spawn } from 'node:child_process';
import { environmentWith } from '../../../cluster/config.ts';
import type { Cluster } from '../../../cluster/cluster.ts';
import { diesWithParent } from '../../../harness/stores/native-server.ts';
import { until } from '../../../harness/until.ts';

/** A port on 127.0.0.1 that leads to a pod. */
export interface ForwardedPort {
  readonly port: number;
  readonly close: () => void;
}

export interface ForwardOptions {
  readonly cluster: Pick<Cluster, 'kubectl' | 'kubeconfig' | 'context'>;
  readonly namespace: string;
  /** Such as `pod/redis-0`. */
  readonly target: string;
  readonly port: number;
}

/** Forwards a free port to one of a pod, through the API server, which network policies let through. */
export async function forwardPort({ cluster, namespace, target, port }: ForwardOptions): Promise<ForwardedPort> {
  const what = ['port-forward', target, `:${port}`, '--address', '127.0.0.1'];
  const { command, args } = diesWithParent(cluster.kubectl, ['--context', cluster.context, '-n', namespace, ...what]);
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWith({ KUBECONFIG: cluster.kubeconfig }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4_000);
    });
  const found = await until(
    () => {
      if (child.exitCode !== null) throw new Error(`forwarding ${target} ended: ${output}`);
      return /127\.0\.0\.1:(?<port>\d+) ->/.exec(output)?.groups?.['port'];
    },
    { what: `the port of ${target}`, withinMs: 20_000 },
  );
  return { port: Number(found), close: () => void child.kill() };
}
