import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import type { HttpOutcome } from './http-outcome.ts';

export interface HttpCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Aborted at the deadline of the whole call. */
  readonly signal: AbortSignal;
  /**
   * Called once the connection is established, right before the first byte. Returns why the request may not be sent,
   * or undefined when it may.
   */
  readonly refusal: () => string | undefined;
}

/**
 * Idle connections are closed before venues and load balancers close them: a request on a connection that just closed
 * has an unknown outcome.
 */
const IDLE_MS = 4_000;
/**
 * Far more than the requests that can wait for answers at a time, so that no order or cancellation waits for a socket.
 * Every instrument has requests of its own, and the rate budget bounds how many start within the longest deadline.
 */
const MAX_SOCKETS = 1_024;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * HTTP client with one request at a time on each kept-alive connection. Never retries and never follows redirects.
 * `fetch` hides connecting and queueing; this client runs a check right before the first byte, and distinguishes
 * requests that were certainly not sent from those that may have arrived.
 */
export class HttpTransport {
  readonly #http = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS });
  readonly #https = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_MS });

  /** Never rejects. */
  async send(call: HttpCall): Promise<HttpOutcome> {
    return await new Promise((resolve) => {
      let written = false;
      const done = (outcome: Partial<HttpOutcome>): void =>
        resolve({ written, status: undefined, body: '', retryAfter: undefined, failure: undefined, ...outcome });
      const failure = (error: unknown): string => (call.signal.aborted ? 'timeout' : codeOf(error));
      try {
        const request = this.#request(call);
        request.on('error', (error) => done({ failure: failure(error) }));
        request.on('response', (response) => read(response, done, failure));
        whenConnected(request, () => {
          const refusal = call.signal.aborted ? 'timeout' : refusalOf(call);
          if (refusal !== undefined) {
            done({ failure: refusal });
            request.destroy();
            return;
          }
          written = true;
          request.end(call.body);
        });
      } catch (error) {
        // An invalid header or address: no request was started.
        done({ failure: codeOf(error) });
      }
    });
  }

  /** Closes every connection; requests in flight end as unknown. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #request({ url, method, headers, signal }: HttpCall): ClientRequest {
    const options = { method, signal, headers: { ...headers } };
    return url.startsWith('https:')
      ? httpsRequest(url, { ...options, agent: this.#https })
      : httpRequest(url, { ...options, agent: this.#http });
  }
}

/** If the check throws, the request is refused. */
function refusalOf({ refusal }: HttpCall): string | undefined {
  try {
    return refusal();
  } catch (error) {
    return `permit check failed: ${messageOf(error)}`;
  }
}

/** Node hands out the socket of a new connection before it is connected, and a TLS socket before it is secure. */
function whenConnected(request: ClientRequest, write: () => void): void {
  request.once('socket', (socket: Socket & { readonly encrypted?: boolean; readonly secureConnecting?: boolean }) => {
    if (socket.secureConnecting === true) socket.once('secureConnect', write);
    else if (socket.connecting) socket.once('connect', write);
    else write();
  });
}

function read(
  response: IncomingMessage,
  done: (outcome: Partial<HttpOutcome>) => void,
  failure: (error: unknown) => string,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) response.destroy(new Error(`response is larger than ${MAX_BYTES} bytes`));
    else chunks.push(chunk);
  });
  response.on('error', (error) => done({ failure: failure(error) }));
  response.on('end', () => {
    const { statusCode: status, headers } = response;
    done({ status, body: Buffer.concat(chunks).toString('utf8'), retryAfter: headers['retry-after'] });
  });
}

/**
 * Returns the error's code (`ECONNRESET`, `ENOTFOUND`, ...), or its text if it has none. When several addresses were
 * tried, the code of the first.
 */
function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : messageOf(error).slice(0, 200);
}
