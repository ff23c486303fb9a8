import { open } from 'node:fs/promises';

/** A request, as the API server recorded it. Milliseconds are those of its clock, with fractions. */
export interface ApiCall {
  /** User agent, which names the program. */
  readonly agent: string;
  readonly verb: string;
  /** Plural, with the subresource: `tradingstacks/status`. */
  readonly resource: string;
  /** Empty for what belongs to no namespace. */
  readonly namespace: string;
  readonly name: string;
  /** When the server received it. */
  readonly receivedMs: number;
  /** When the server had answered it; of a watch, when it began. */
  readonly doneMs: number;
  readonly code: number;
}

/** What the log has said so far of the programs that are followed. */
export interface AuditLog {
  /** In the order in which they were answered. */
  readonly calls: readonly ApiCall[];
  /** Reads what was added since. A line that is still being written waits for the next time. */
  read(): Promise<void>;
}

const CHUNK_BYTES = 1_048_576;

export function followAuditLog(path: string, isFollowed: (agent: string) => boolean): AuditLog {
  const calls: ApiCall[] = [];
  let offset = 0;
  let rest = Buffer.alloc(0);

  function take(chunk: Buffer): void {
    const text = Buffer.concat([rest, chunk]);
    const end = text.lastIndexOf(0x0a) + 1;
    rest = text.subarray(end);
    for (const line of text.subarray(0, end).toString('utf8').split('\n')) {
      const call = line === '' ? undefined : apiCallOf(line);
      if (call !== undefined && isFollowed(call.agent)) calls.push(call);
    }
  }

  return {
    calls,
    read: async () => {
      const file = await open(path);
      try {
        for (;;) {
          const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
          if (bytesRead === 0) return;
          offset += bytesRead;
          take(buffer.subarray(0, bytesRead));
        }
      } finally {
        await file.close();
      }
    },
  };
}

interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** Returns the request of a line; undefined for a further line of one that was returned, and for other paths. */
export function apiCallOf(line: string): ApiCall | undefined {
  const event = JSON.parse(line) as AuditEvent;
  const { stage, verb, objectRef, userAgent = '', responseStatus } = event;
  // A watch is recorded when it begins and when it ends. It may not have ended yet.
  const isCounted = stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete');
  if (!isCounted || objectRef?.resource === undefined) return undefined;
  return {
    agent: userAgent,
    verb,
    resource: resourceOf(objectRef),
    namespace: objectRef.namespace ?? '',
    name: objectRef.name ?? '',
    receivedMs: msOf(event.requestReceivedTimestamp),
    doneMs: msOf(event.stageTimestamp),
    code: responseStatus?.code ?? 0,
  };
}

function resourceOf({ resource = '', subresource }: NonNullable<AuditEvent['objectRef']>): string {
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

/** `Date` keeps no microseconds. */
function msOf(timestamp: string): number {
  const [, micros = '0'] = /\.\d{3}(\d+)Z$/.exec(timestamp) ?? [];
  return Date.parse(timestamp) + Number(`0.${micros}`);
}
