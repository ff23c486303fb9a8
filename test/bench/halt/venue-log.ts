import type { VenueLogEntry } from '../../../services/exchange-simulator/core/venue-log-entry.ts';

/** What the venue's log has said so far. It is the judge: times are those at which the venue acted. */
export interface VenueLog {
  /** Times at which orders were accepted, in order. */
  readonly placedMs: readonly number[];
  /** Client order IDs of the orders that are open. */
  readonly open: ReadonlySet<string>;
  /** Time of the last cancellation or fill that ended an order. */
  readonly endedMs: number;
  /** Reads what was added since. */
  read(): Promise<void>;
}

type Entry = VenueLogEntry & { readonly completes?: boolean };
const PAGE = 1_000;

export function followVenueLog(url: string): VenueLog {
  const placedMs: number[] = [];
  const open = new Set<string>();
  let endedMs = 0;
  let after = 0;

  function take({ seq, kind, time, clientOrderId = '', completes = false }: Entry): void {
    after = seq;
    if (kind === 'placed') {
      placedMs.push(time);
      open.add(clientOrderId);
    }
    if (kind === 'cancelled' || (kind === 'fill' && completes)) {
      open.delete(clientOrderId);
      endedMs = time;
    }
  }

  return {
    placedMs,
    open,
    get endedMs() {
      return endedMs;
    },
    read: async () => {
      for (;;) {
        const response = await fetch(`${url}/simulator/log?after=${after}&limit=${PAGE}`);
        const { entries } = (await response.json()) as { readonly entries: readonly Entry[] };
        for (const entry of entries) take(entry);
        if (entries.length < PAGE) return;
      }
    },
  };
}
