import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** Everything passes, from now on. */
  pass(): void;
  /** What clients send still reaches the server, what it answers does not: with the first answer the client is cut off. */
  loseReplies(): void;
  /** New and present connections go dead without being closed: bytes vanish both ways. */
  blackhole(): void;
  /** Cuts every connection now. */
  cut(): void;
  /** How many answers were lost so far. */
  lost(): number;
  close(): Promise<void>;
}

/** A TCP proxy in front of a server that loses exactly what a network loses. */
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
      if (mode !== 'blackhole') upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (mode === 'pass') client.write(bytes);
      if (mode !== 'loseReplies') return;
      lost += 1;
      client.destroy();
      upstream.destroy();
    });
    client.once('close', () => upstream.destroy());
    upstream.once('close', () => client.destroy());
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
