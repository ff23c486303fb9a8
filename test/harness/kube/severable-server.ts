import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import type { KubeConfig } from '@kubernetes/client-node';
import { testKubeConfig } from './kube-client.ts';

/** A way to the real API server that can be interrupted. */
export interface SeverableServer {
  readonly kubeConfig: KubeConfig;
  /** Closes every connection, and refuses new ones until `restore`. */
  sever(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function severableServer(): Promise<SeverableServer> {
  const kubeConfig = testKubeConfig();
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');
  const target = new URL(cluster.server);
  const sockets = new Set<Socket>();
  let severed = false;
  const server = createServer((socket) => {
    if (severed) {
      socket.destroy();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.on('close', () => {
        sockets.delete(end);
        socket.destroy();
        upstream.destroy();
      });
    }
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const sever = (): void => {
    severed = true;
    for (const socket of sockets) socket.destroy();
  };
  kubeConfig.clusters = [{ ...cluster, server: `https://127.0.0.1:${port}` }];
  return {
    kubeConfig,
    sever,
    restore: () => {
      severed = false;
    },
    close: async () => {
      sever();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
