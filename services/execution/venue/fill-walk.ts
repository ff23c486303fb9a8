import type { FillPage, FillRange } from '../../shared/domain/orders/fill-page.ts';
import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { UnreadFill } from '../../shared/domain/orders/unread-row.ts';
import type { VenueFailure, VenueReply } from '../../shared/domain/orders/venue-reply.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { afterPage, nextRange, windowsFrom, type FillWindows } from '../core/venue/fill-windows.ts';

export interface FillReader {
  readonly ask: (range: FillRange) => Promise<VenueReply<FillPage>>;
  /** Takes the fills of a window, oldest first, and those that cannot be read. The walk is behind them afterwards. */
  readonly onRead: (fills: readonly Fill[], unread: readonly UnreadFill[]) => Promise<void>;
  /** Whether what has been read is enough. */
  readonly isEnough?: () => boolean;
  /** Whether the run should pause before its next page. */
  readonly isHurried?: () => boolean;
}

/**
 * How a run of a walk ended. Complete: at the newest fill, or with enough. Paused: after so many pages as a run may ask
 * for, or in a hurry; the next run continues, before the fills of `fromMs`. Crowded: the venue does not list all fills
 * of this millisecond. Times are the venue's, UTC milliseconds.
 */
export type WalkEnd =
  | { readonly kind: 'Complete' }
  | { readonly kind: 'Paused'; readonly fromMs: number }
  | { readonly kind: 'Crowded'; readonly atMs: number }
  | { readonly kind: 'Failed'; readonly reply: VenueFailure };

/**
 * Pages that one run asks for. They weigh as much as the venue accepts in two seconds: a sender becomes active after a
 * run over all instruments.
 */
const PAGES_A_RUN = 10;

/**
 * Walks forward in time through the fills of a symbol, a page at a time, however many there are. It stays where it is
 * between two runs, and asks again for what was not taken.
 */
export class FillWalk {
  #windows: FillWindows;

  /** `ends`: ends of ranges that should fit a page each, ascending, where something is known of the fills. */
  constructor(fromMs: number, ends: readonly number[] = []) {
    this.#windows = windowsFrom(fromMs, ends);
  }

  /** Every older fill was taken. The venue's time, UTC milliseconds. */
  get fromMs(): number {
    return this.#windows.fromMs;
  }

  /** Rejects when `onRead` does. */
  async run(reader: FillReader, clock: Pick<Clock, 'nowMs'>): Promise<WalkEnd> {
    const isHurried = reader.isHurried ?? (() => false);
    for (let asked = 0; asked < PAGES_A_RUN && !isHurried(); asked += 1) {
      const end = await this.#step(reader, clock.nowMs());
      if (end !== undefined) return end;
    }
    return { kind: 'Paused', fromMs: this.#windows.fromMs };
  }

  async #step({ ask, onRead, isEnough = () => false }: FillReader, nowMs: number): Promise<WalkEnd | undefined> {
    const windows = this.#windows;
    const range = nextRange(windows, nowMs);
    const reply = await ask(range);
    if (reply.kind !== 'ok') return { kind: 'Failed', reply };
    const page = reply.value;
    if (page.complete) await onRead(page.fills, page.unread);
    const after = afterPage(windows, { range, page, nowMs });
    if (after.kind === 'Crowded') return after;
    if (after.kind === 'End' || (page.complete && isEnough())) return { kind: 'Complete' };
    this.#windows = after.windows;
    return undefined;
  }
}

/** Returns why the fills of a millisecond cannot be read. */
export function crowdText(symbol: string, atMs: number): string {
  return `${symbol} has more fills at ${new Date(atMs).toISOString()} than the venue lists at once`;
}
