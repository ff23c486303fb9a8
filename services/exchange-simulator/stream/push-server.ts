import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';

/** One client of a venue's WebSocket. */
export interface PushConnection {
  readonly id: number;
  readonly query: URLSearchParams;
  /** A string goes as text, bytes as a binary frame. A client that reads too slowly is cut instead. */
  send(data: string | Uint8Array): void;
  /** Closes with a code and a reason that the client sees. */
  close(code: number, reason: string): void;
}

export interface PushServerOptions {
  /** What a client may leave unread before it is cut with code 1013. */
  readonly maxBufferedBytes: number;
  readonly maxConnections: number;
  readonly onOpen: (connection: PushConnection) => void;
  readonly onText: (connection: PushConnection, text: string) => void;
  /** Once for every opened connection. */
  readonly onClose: (connection: PushConnection, reason: string) => void;
}

export interface PushServer {
  /** To be called with every upgrade request for the server's path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  connections(): number;
  /** Closes every connection with code 1001, and cuts those that do not answer. */
  close(): void;
}

/** Longest text that a client may send. */
const MAX_PAYLOAD_BYTES = 16_384;

/** The venue's half of a push connection, with bounded memory for each client. */
export function createPushServer(options: PushServerOptions): PushServer {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
  let opened = 0;

  const accept = (socket: WebSocket, query: URLSearchParams): void => {
    opened += 1;
    let reason = '';
    const cut = (code: number, why: string): void => {
      reason ||= why;
      socket.close(code, why);
      // A client that does not answer the closing handshake keeps no memory here for longer.
      setTimeout(() => socket.terminate(), 1_000).unref();
    };
    const connection: PushConnection = {
      id: opened,
      query,
      send: (data) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        if (socket.bufferedAmount > options.maxBufferedBytes) cut(1013, 'the client reads too slowly');
        else socket.send(data);
      },
      close: cut,
    };
    socket.on('message', (data, isBinary) => {
      if (!isBinary) options.onText(connection, textOf(data));
    });
    socket.on('error', (error) => {
      reason ||= error.message;
    });
    socket.on('close', (code) => options.onClose(connection, reason || `closed by the client with ${code}`));
    options.onOpen(connection);
  };

  return {
    upgrade: (request, socket, head) => {
      if (server.clients.size >= options.maxConnections) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      const query = URL.parse(request.url ?? '/', 'http://localhost')?.searchParams ?? new URLSearchParams();
      server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, query));
    },
    connections: () => server.clients.size,
    close: () => {
      for (const client of server.clients) {
        client.close(1001, 'the venue is going away');
        setTimeout(() => client.terminate(), 500).unref();
      }
      server.close();
    },
  };
}

function textOf(data: WebSocket.RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data as Buffer).toString('utf8');
}
