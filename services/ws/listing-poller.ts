import type { Listing, Listings } from '../shared/venue/listing.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import { messageOf } from '../shared/runtime/errors.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import { backoffMs } from '../shared/runtime/retry.ts';
import type { PairProblem } from '../shared/domain/pair-problems.ts';
import { checkInstruments, listingProblems } from './core/instrument-check.ts';
import type { ReadinessResult } from './core/readiness-result.ts';

export interface ListingPollerOptions {
  readonly symbols: readonly string[];
  readonly fetchListings: () => Promise<Listings>;
  /** Called with the configured symbols that the venue lists, each time the list is read. */
  readonly onListed: (listings: readonly Listing[]) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const REFRESH_MS = 5 * 60_000;
/** Pause before the next reading of a list that the market data contradicts. */
const DOUBTED_MS = 10_000;
const RETRY = { minMs: 500, maxMs: 30_000 };

/** Reads the venue's list of pairs at startup and periodically, and checks the configured symbols against it. */
export class ListingPoller {
  readonly #options: ListingPollerOptions;
  #listed: ReadonlyMap<string, Listing> | undefined;
  #listedMs = 0;
  #problem = '';
  /** Aborted when the list is doubted, and replaced before it is read for that. */
  #resting = new AbortController();

  constructor(options: ListingPollerOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#refresh();
        failures = 0;
      } catch (error) {
        failures += 1;
        this.#problem = messageOf(error);
        if (!signal.aborted) log.warn({ problem: this.#problem }, "reading the venue's list of pairs failed, retrying");
      }
      if (failures === 0) await this.#rest(signal);
      else await pause(clock, backoffMs(failures, RETRY, clock.random), signal);
    }
  }

  /** The market data contradicts the list: it is read again soon. */
  doubt(): void {
    this.#resting.abort();
  }

  async #rest(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const beganMs = clock.monotonicMs();
    await pause(clock, REFRESH_MS, AbortSignal.any([signal, this.#resting.signal]));
    if (!this.#resting.signal.aborted) return;
    const leftMs = DOUBTED_MS - (clock.monotonicMs() - beganMs);
    if (leftMs > 0) await pause(clock, leftMs, signal);
    this.#resting = new AbortController();
  }

  /** Whether the venue listed the symbol when the list was last read. */
  lists(symbol: string): boolean {
    return this.#listed?.has(symbol) === true;
  }

  /** Problems of single pairs; none before the list is read. */
  problems(): readonly PairProblem[] {
    return this.#listed === undefined ? [] : listingProblems(this.#options.symbols, this.#listed);
  }

  check(): ReadinessResult {
    const { symbols, clock } = this.#options;
    const ageMs = clock.monotonicMs() - this.#listedMs;
    return checkInstruments({ symbols, listed: this.#listed, ageMs, problem: this.#problem });
  }

  async #refresh(): Promise<void> {
    const { symbols, fetchListings, onListed, clock, log } = this.#options;
    const { listings, unreadable } = await fetchListings();
    if (unreadable.length > 0) {
      log.warn(
        { count: unreadable.length, first: unreadable.slice(0, 5) },
        'ignored unreadable pairs in the list of the venue',
      );
    }
    const wanted = listings.filter(({ instrument }) => symbols.includes(instrument.symbol));
    this.#listed = new Map(wanted.map((listing) => [listing.instrument.symbol, listing]));
    this.#listedMs = clock.monotonicMs();
    this.#problem = '';
    onListed(wanted);
  }
}
