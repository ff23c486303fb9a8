import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** Answers one request. A response left open simulates a server that never answers. */
export type ApiAnswer = (response: ServerResponse, call: ApiCall) => void;

/**
 * An HTTP server on loopback in the role of the API server. It fails on demand: silence, broken connections, errors.
 * Each test defines the answers; by default every request gets a 404 Status.
 */
export interface FakeApiServer {
  readonly kubeConfig: KubeConfig;
  /** All requests received so far. */
  readonly calls: readonly ApiCall[];
  /** Returns the number of connections accepted so far. */
  readonly connections: () => number;
  /** Returns the number of requests that are not complete and whose connection is open. */
  readonly open: () => number;
  /** Replaces the answer to all later requests. */
  answer(next: ApiAnswer): void;
  close(): Promise<void>;
}

export async function startFakeApiServer(user: { readonly token?: string; readonly authProvider?: unknown } = {}) {
  let answer: ApiAnswer = (response) => sendStatus(response, 404, { reason: 'NotFound' });
  const calls: ApiCall[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;
  let open = 0;
  const server = createServer((request, response) => {
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    void readCall(request).then((call) => {
      calls.push(call);
      answer(response, call);
    });
  });
  server.on('connection', (socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const fake: FakeApiServer = {
    kubeConfig: kubeConfigFor(port, user),
    calls,
    connections: () => accepted,
    open: () => open,
    answer: (next) => {
      answer = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
  return fake;
}

export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Sends a failure as a Status, like the API server. */
export function sendStatus(
  response: ServerResponse,
  code: number,
  details: { readonly reason?: string; readonly message?: string; readonly retryAfter?: number } = {},
): void {
  const { reason, message, retryAfter } = details;
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
  sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, code);
}

/** Sends one event of a watch. The response stays open. */
export function sendEvent(response: ServerResponse, type: string, object: unknown): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
  response.write(`${JSON.stringify({ type, object })}\n`);
}

async function readCall(request: IncomingMessage): Promise<ApiCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? '/', 'http://fake');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    authorization: request.headers.authorization,
    body: Buffer.concat(chunks).toString(),
  };
}

function kubeConfigFor(port: number, user: object): KubeConfig {
  const kubeConfig = new KubeConfig();
  // client-node accepts plain HTTP only with skipTLSVerify.
  const cluster = { name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
  kubeConfig.loadFromClusterAndUser(cluster, { name: 'fake', ...user });
  return kubeConfig;
}
