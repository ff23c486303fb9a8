import type { Ticks } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { Tape, TapeTrade } from './tape.ts';

export interface TapeCursorOptions {
  readonly tape: Tape;
  /** Tape seconds per second. */
  readonly speed: number;
  /**
   * When the first loop of the tape began, UTC ms. The position is a function of the time, so a restart resumes at the
   * right position.
   */
  readonly originMs: number;
}

const BASIS_POINTS = 10_000;

/**
 * Plays a tape in a loop: returns the next trade and its time. State: the loop number and the index of the next trade,
 * which only `next` and `seek` change, and by how much all prices are shifted.
 */
export class TapeCursor {
  readonly #tape: Tape;
  readonly #speed: number;
  readonly #originMs: number;
  #loop = 0;
  #index = 0;
  #shiftBasisPoints = 0;

  constructor({ tape, speed, originMs }: TapeCursorOptions) {
    this.#tape = tape;
    this.#speed = speed;
    this.#originMs = originMs;
  }

  /** Time of the next trade in UTC ms. */
  dueMs(): number {
    return this.#timeOf(this.#loop, this.#current().offsetMs);
  }

  /**
   * Shifts the prices of all further trades by whole basis points of the recorded ones, above -10000. 0 plays them as
   * recorded.
   */
  shift(basisPoints: number): void {
    this.#shiftBasisPoints = basisPoints;
  }

  /** Returns the next trade and advances the cursor. */
  next(): TapeTrade {
    const trade = this.#shifted(this.#current());
    this.#index += 1;
    if (this.#index === this.#tape.trades.length) {
      this.#index = 0;
      this.#loop += 1;
    }
    return trade;
  }

  /** Moves forward to the first trade due at or after `nowMs`; never moves back. */
  seek(nowMs: number): void {
    const elapsed = Math.max(0, nowMs - this.#originMs) * this.#speed;
    const loop = Math.floor(elapsed / this.#tape.spanMs);
    if (loop > this.#loop) {
      this.#loop = loop;
      this.#index = 0;
    }
    while (this.dueMs() < nowMs) this.next();
  }

  /** Prices of the last taker buy and sale before the next trade, wrapping around the end of the tape. */
  lastPrices(): Readonly<Record<Side, Ticks | undefined>> {
    const { trades } = this.#tape;
    const found: Record<Side, Ticks | undefined> = { buy: undefined, sell: undefined };
    for (let back = 1; back <= trades.length; back += 1) {
      const trade = this.#shifted(trades[(this.#index - back + trades.length) % trades.length] as TapeTrade);
      found[trade.takerSide] ??= trade.price;
      if (found.buy !== undefined && found.sell !== undefined) break;
    }
    return found;
  }

  #current(): TapeTrade {
    return this.#tape.trades[this.#index] as TapeTrade;
  }

  /** Rounds to the nearest tick, at least one. */
  #shifted(trade: TapeTrade): TapeTrade {
    if (this.#shiftBasisPoints === 0) return trade;
    const change = Math.round((trade.price * this.#shiftBasisPoints) / BASIS_POINTS);
    return { ...trade, price: Math.max(1, trade.price + change) as Ticks };
  }

  #timeOf(loop: number, offsetMs: number): number {
    return this.#originMs + Math.floor((loop * this.#tape.spanMs + offsetMs) / this.#speed);
  }
}
