import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { KubeConfig } from '@kubernetes/client-node';
import { testKubeConfig } from './kube-client.ts';

/** A way to the real API server that can be interrupted. It passes TLS as it is, and knows connections only. */
export interface SeverableServer {
  readonly kubeConfig: KubeConfig;
  /** Returns the number of connections accepted so far. */
  connections(): number;
  /** Closes every connection, and refuses new ones until `restore`. */
  sever(): void;
  restore(): void;
  /** Delivers nothing more, either way, on the connections that are open, and keeps their sockets. Later ones work. */
  freeze(): void;
  /** Delivers at most so many bytes per second on each connection, each way; Infinity, as at first, for no limit. */
  throttle(bytesPerSecond: number): void;
  close(): Promise<void>;
}

export async function severableServer(kubeConfig = testKubeConfig()): Promise<SeverableServer> {
  const cluster = kubeConfig.getCurrentCluster();
  if (cluster === null) throw new Error('the kubeconfig names no cluster');
  const target = new URL(cluster.server);
  const open = new Set<Link>();
  let severed = false;
  let accepted = 0;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  const server = createServer((socket) => {
    accepted += 1;
    if (severed) {
      socket.destroy();
      return;
    }
    const link = linkOf(socket, connect(Number(target.port), target.hostname), () => bytesPerSecond);
    open.add(link);
    socket.on('close', () => open.delete(link));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const sever = (): void => {
    severed = true;
    for (const link of open) link.destroy();
  };
  kubeConfig.clusters = [{ ...cluster, server: `https://127.0.0.1:${port}` }];
  return {
    kubeConfig,
    connections: () => accepted,
    sever,
    restore: () => {
      severed = false;
    },
    freeze: () => {
      for (const link of open) link.freeze();
    },
    throttle: (rate) => {
      bytesPerSecond = rate;
    },
    close: async () => {
      sever();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

interface Link {
  freeze(): void;
  destroy(): void;
}

/** Joins two sockets until either is closed. */
function linkOf(socket: Socket, upstream: Socket, rate: () => number): Link {
  const ends = [socket, upstream];
  const destroy = (): void => ends.forEach((end) => end.destroy());
  for (const end of ends) end.on('error', destroy).on('close', destroy);
  socket.pipe(limited(rate)).pipe(upstream).pipe(limited(rate)).pipe(socket);
  const freeze = (): void => {
    // Read on, into nothing: a close by either side must still be seen.
    for (const end of ends) end.unpipe().resume();
  };
  return { freeze, destroy };
}

const SLICE_MS = 50;

function limited(rate: () => number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const deliver = (rest: Buffer): void => {
        const bytes = Math.max(1, Math.round((rate() * SLICE_MS) / 1_000));
        this.push(rest.subarray(0, bytes));
        if (Number.isFinite(bytes))
          setTimeout(() => (bytes < rest.length ? deliver(rest.subarray(bytes)) : done()), SLICE_MS);
        else done();
      };
      deliver(chunk);
    },
  });
}
