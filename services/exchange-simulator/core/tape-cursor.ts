import type { Ticks } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { Tape, TapeTrade } from './tape.ts';

export interface TapeCursorOptions {
  readonly tape: Tape;
  /** Tape seconds per second. */
  readonly speed: number;
  /** When the tape's first turn began, UTC ms: the position is a function of the time, so it goes on where it should after a restart. */
  readonly originMs: number;
}

/**
 * Plays a tape in a loop: which trade comes next, and when. State: the turn and the index of the next trade; only `next` and `seek` move it.
 */
export class TapeCursor {
  readonly #tape: Tape;
  readonly #speed: number;
  readonly #originMs: number;
  #turn = 0;
  #index = 0;

  constructor({ tape, speed, originMs }: TapeCursorOptions) {
    this.#tape = tape;
    this.#speed = speed;
    this.#originMs = originMs;
  }

  /** UTC ms of the next trade. */
  dueMs(): number {
    return this.#timeOf(this.#turn, this.#current().offsetMs);
  }

  /** The next trade; the cursor moves on. */
  next(): TapeTrade {
    const trade = this.#current();
    this.#index += 1;
    if (this.#index === this.#tape.trades.length) {
      this.#index = 0;
      this.#turn += 1;
    }
    return trade;
  }

  /** Moves to the first trade due at or after `nowMs`, never back. */
  seek(nowMs: number): void {
    const elapsed = Math.max(0, nowMs - this.#originMs) * this.#speed;
    const turn = Math.floor(elapsed / this.#tape.spanMs);
    if (turn > this.#turn) {
      this.#turn = turn;
      this.#index = 0;
    }
    while (this.dueMs() < nowMs) this.next();
  }

  /** The prices at which takers last bought and sold before the next trade, counted through the loop's end. */
  lastPrices(): Readonly<Record<Side, Ticks | undefined>> {
    const { trades } = this.#tape;
    const found: Record<Side, Ticks | undefined> = { buy: undefined, sell: undefined };
    for (let back = 1; back <= trades.length; back += 1) {
      const trade = trades[(this.#index - back + trades.length) % trades.length] as TapeTrade;
      found[trade.takerSide] ??= trade.price;
      if (found.buy !== undefined && found.sell !== undefined) break;
    }
    return found;
  }

  #current(): TapeTrade {
    return this.#tape.trades[this.#index] as TapeTrade;
  }

  #timeOf(turn: number, offsetMs: number): number {
    return this.#originMs + Math.floor((turn * this.#tape.spanMs + offsetMs) / this.#speed);
  }
}
