import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';

/** A proxy in front of an API server that holds back the start of every answer. */
export interface DelayingProxy {
  /** Kubeconfig (JSON) that leads through the proxy. */
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** Starts the proxy. Events of a watch pass at once when its answer has begun, as in a slow but working server. */
export async function startDelayingProxy(kubeconfig: string, delayMs: number): Promise<DelayingProxy> {
  const target = new KubeConfig();
  target.loadFromString(kubeconfig);
  const base = new URL(target.getCurrentCluster()?.server ?? '');
  const agent = new Agent({ keepAlive: true, ...credentialsOf(target) });
  const forward = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/', headers } = from;
    const upstream = request(new URL(url, base), { method, headers: { ...headers, host: base.host }, agent });
    to.once('close', () => upstream.destroy());
    from.pipe(upstream);
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    await delay(delayMs);
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    to.flushHeaders();
    answer.once('error', () => to.destroy());
    answer.pipe(to);
  };
  const server = createServer((from, to) => void forward(from, to).catch(() => to.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    kubeconfig: kubeconfigOf(port),
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

function credentialsOf(config: KubeConfig): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } {
  const decoded = (data: string | undefined): Buffer => Buffer.from(data ?? '', 'base64');
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  return { ca: decoded(cluster?.caData), cert: decoded(user?.certData), key: decoded(user?.keyData) };
}

function kubeconfigOf(port: number): string {
  const config = new KubeConfig();
  // client-node accepts plain HTTP only with skipTLSVerify.
  const cluster = { name: 'slow', server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
  config.loadFromClusterAndUser(cluster, { name: 'slow' });
  return config.exportConfig();
}
