import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** Forwards everything from now on. */
  pass(): void;
  /** Forwards requests but drops replies: the first reply disconnects the client. */
  loseReplies(): void;
  /**
   * Drops the bytes of new and existing connections in both directions without closing them. Neither end learns that
   * the other one has closed: later it learns with the next bytes that it sends.
   */
  blackhole(): void;
  /** Disconnects every connection now. */
  cut(): void;
  /** Number of replies dropped so far. */
  lost(): number;
  close(): Promise<void>;
}

/** Starts a TCP proxy in front of a server that simulates network faults. */
export async function startFaultProxy(target: { readonly host: string; readonly port: number }): Promise<FaultProxy> {
  let mode: 'pass' | 'loseReplies' | 'blackhole' = 'pass';
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (bytes) => {
      if (mode === 'blackhole') return;
      if (upstream.destroyed) client.destroy();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (client.destroyed && mode !== 'blackhole') upstream.destroy();
      if (mode === 'pass') client.write(bytes);
      if (mode !== 'loseReplies') return;
      lost += 1;
      client.destroy();
      upstream.destroy();
    });
    client.once('close', () => {
      if (mode !== 'blackhole') upstream.destroy();
    });
    upstream.once('close', () => {
      if (mode !== 'blackhole') client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    pass: () => {
      mode = 'pass';
    },
    loseReplies: () => {
      mode = 'loseReplies';
    },
    blackhole: () => {
      mode = 'blackhole';
    },
    cut,
    lost: () => lost,
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
