import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface MisbehavingVenue {
  readonly restUrl: string;
  /** Requests whose headers arrived, in order of arrival. */
  readonly seen: readonly IncomingMessage[];
  /** Bytes received on all closed connections. */
  bytes(): number;
  close(): Promise<void>;
}

/** Starts an HTTP server on the loopback interface that answers with `behaviour` and counts the bytes it receives. */
export async function startMisbehavingVenue(behaviour: RequestListener): Promise<MisbehavingVenue> {
  const seen: IncomingMessage[] = [];
  let bytes = 0;
  const server = createServer((request, response) => {
    seen.push(request);
    behaviour(request, response);
  });
  server.on('connection', (socket) => socket.on('close', () => (bytes += socket.bytesRead)));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    restUrl: `http://127.0.0.1:${port}`,
    seen,
    bytes: () => bytes,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

/** Returns a listener that sends the same answer to every request. */
export function answering(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (_request, response: ServerResponse) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  };
}
