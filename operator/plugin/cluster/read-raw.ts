import type { Clock } from '../../../services/shared/runtime/clock.ts';
import type { Connection } from '../../kube/client/connection.ts';
import { withDeadline } from '../../kube/client/deadline.ts';
import { sendRequest } from '../../kube/client/request.ts';

export interface RawOptions {
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Until the headers, and for `text` until the end. Default: 5 s. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** Reads a path of the API server that is no object. Rejects with KubeError. */
export interface ReadRaw {
  readonly text: (path: string, options?: RawOptions) => Promise<string>;
  /** Returns the lines of an answer as they arrive; the last one may lack its end. */
  readonly lines: (path: string, options?: RawOptions) => Promise<AsyncIterable<string>>;
}

export interface RawModules {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly userAgent: string;
}

const DEADLINE_MS = 5_000;

export function createRawReader({ connection, clock, userAgent }: RawModules): ReadRaw {
  const get = async (path: string, { query = {}, signal }: RawOptions, pool: 'reads' | 'watches') =>
    await sendRequest(
      { method: 'GET', path, query },
      { connection, userAgent, pool, signal: signal ?? new AbortController().signal },
    );
  return {
    text: async (path, options = {}) =>
      await withDeadline({ clock, ms: options.deadlineMs ?? DEADLINE_MS, signal: options.signal }, async (signal) => {
        const { body } = await get(path, { ...options, signal }, 'reads');
        return await body.text();
      }),
    lines: async (path, options = {}) => {
      const { body } = await withDeadline(
        { clock, ms: options.deadlineMs ?? DEADLINE_MS, signal: options.signal },
        async () => await get(path, options, 'watches'),
      );
      return linesOf(body);
    },
  };
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
