import { isAccountEvent, type AccountEvent, type Command, type ExchangeEvent } from './core/events.ts';
import type { MatchingEngine, Transfer } from './core/matching-engine.ts';
import type { Market } from './core/market.ts';

/** Durable log of account events. `append` returns when they are on disk. */
export interface EventJournal {
  readonly lastSeq: number;
  readonly sizeBytes: number;
  append(events: readonly AccountEvent[]): void;
}

export type EventListener = (events: readonly ExchangeEvent[], nowMs: number) => void;

export interface JournaledMarketOptions {
  readonly market: Market;
  readonly journal: EventJournal;
}

/** After a longer pause, the venue does not catch up trade by trade; the tape resumes at its current position. */
const MAX_LAG_MS = 10_000;

/**
 * Market with its journal: events are in the journal before listeners and callers get them. If the journal cannot be
 * written, the venue stops immediately and permanently, because memory is then ahead of the disk. The process exits,
 * and its next run knows only the written events. States: open, failed.
 */
export class JournaledMarket {
  readonly #market: Market;
  readonly #journal: EventJournal;
  readonly #listeners: EventListener[] = [];
  #failure: unknown;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when the venue fails; never resolves. */
  readonly failure: Promise<never>;

  constructor({ market, journal }: JournaledMarketOptions) {
    this.#market = market;
    this.#journal = journal;
    this.failure = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failure.catch(() => undefined);
  }

  get engine(): MatchingEngine {
    return this.#market.engine;
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Adds a listener. Listeners get all events in order, after they are in the journal. */
  listen(listener: EventListener): void {
    this.#listeners.push(listener);
  }

  open(nowMs: number): void {
    this.#commit(this.#market.open(nowMs), nowMs);
  }

  /** Executes the due actions of the tape and the makers. */
  advance(nowMs: number): void {
    this.#assertOpen();
    const late = nowMs - this.#market.nextDueMs() > MAX_LAG_MS;
    this.#commit(late ? this.#market.open(nowMs) : this.#market.advance(nowMs), nowMs);
  }

  /** Executes an account's command after all actions that were due before it. Throws once the venue has failed. */
  apply(command: Command, nowMs: number): readonly ExchangeEvent[] {
    this.advance(nowMs);
    const events = this.engine.apply(command, nowMs);
    this.#commit(events, nowMs);
    return events;
  }

  /** Shifts the prices of the tape after all actions that were due before. See `Market.shift`. */
  shift(basisPoints: number, nowMs: number): void {
    this.advance(nowMs);
    this.#commit(this.#market.shift(basisPoints, nowMs), nowMs);
  }

  /** Moves money into or out of an account. Returns false, and changes nothing, if the account has less free. */
  transfer(account: string, transfer: Transfer, nowMs: number): boolean {
    this.advance(nowMs);
    const event = this.engine.transfer(account, transfer, nowMs);
    if (event !== undefined) this.#commit([event], nowMs);
    return event !== undefined;
  }

  #commit(events: readonly ExchangeEvent[], nowMs: number): void {
    if (events.length === 0) return;
    try {
      this.#journal.append(events.filter((event) => isAccountEvent(event)));
    } catch (error) {
      this.#failure = error;
      this.#fail(error);
      throw error;
    }
    for (const listener of this.#listeners) listener(events, nowMs);
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw new Error('the venue has failed', { cause: this.#failure });
  }
}
