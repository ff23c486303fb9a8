import { isAccountEvent, type AccountEvent, type Command, type ExchangeEvent } from './core/events.ts';
import type { Exchange } from './core/matching-engine.ts';
import type { Market } from './core/market.ts';

/** Where the events of accounts are kept. `append` returns when they are on the disk. */
export interface EventJournal {
  readonly lastSeq: number;
  readonly sizeBytes: number;
  append(events: readonly AccountEvent[]): void;
}

export type EventListener = (events: readonly ExchangeEvent[], now: number) => void;

export interface VenueOptions {
  readonly market: Market;
  readonly journal: EventJournal;
}

/** Longer silence than this is not caught up trade by trade: the tape goes on at its place for the time. */
const MAX_LAG_MS = 10_000;

/**
 * The market with its memory: what happens is in the journal before a listener or a caller hears of it. When the journal cannot be written the venue
 * stops at once and for good, because memory then knows more than the disk: the process ends, and its next life knows only what was
 * written. States: open, failed.
 */
export class Venue {
  readonly #market: Market;
  readonly #journal: EventJournal;
  readonly #listeners: EventListener[] = [];
  #failure: unknown;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when the venue fails; never resolves. */
  readonly failure: Promise<never>;

  constructor({ market, journal }: VenueOptions) {
    this.#market = market;
    this.#journal = journal;
    this.failure = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => undefined);
  }

  get exchange(): Exchange {
    return this.#market.exchange;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Listeners hear everything in order, after it is in the journal. */
  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  open(now: number): void {
    this.#commit(this.#market.open(now), now);
  }

  /** Lets the tape and the makers do what is due. */
  advance(now: number): void {
    this.#assertOpen();
    const late = now - this.#market.nextDueMs() > MAX_LAG_MS;
    this.#commit(late ? this.#market.open(now) : this.#market.advance(now), now);
  }

  /** Carries out an account's command after everything that was due before it. Throws once the venue has failed. */
  apply(command: Command, now: number): readonly ExchangeEvent[] {
    this.advance(now);
    const events = this.exchange.apply(command, now);
    this.#commit(events, now);
    return events;
  }

  #commit(events: readonly ExchangeEvent[], now: number): void {
    if (events.length === 0) return;
    try {
      this.#journal.append(events.filter((event) => isAccountEvent(event)));
    } catch (error) {
      this.#failure = error;
      this.#fail(error);
      throw error;
    }
    for (const listener of this.#listeners) listener(events, now);
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw new Error('the venue has failed', { cause: this.#failure });
  }
}
