import type { Fill } from '../../shared/domain/orders/fill.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { isRecent, signOf, type OtherStack, type Trace } from '../core/reconcile/other-stack.ts';

export interface OtherStacksOptions {
  /** First characters of every client order ID of this stack. */
  readonly tag: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Which instruments another stack of this product trades on the same account. Two stacks would each take the balances
 * for their own. Ages run on the monotonic clock from when a sign was seen.
 */
export class OtherStacks {
  readonly #options: OtherStacksOptions;
  /** The last sign on each instrument. Monotonic milliseconds. */
  readonly #signs = new Map<string, { readonly tag: string; readonly atMs: number }>();

  constructor(options: OtherStacksOptions) {
    this.#options = options;
  }

  /** Those of which there was a sign lately. They stop entries. */
  current(): readonly OtherStack[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#signs]
      .map(([symbol, { tag, atMs }]) => ({ symbol, tag, ageMs: nowMs - atMs }))
      .filter(({ ageMs }) => isRecent(ageMs));
  }

  onFill({ symbol, clientOrderId, time }: Pick<Fill, 'symbol' | 'clientOrderId' | 'time'>): void {
    this.onTrace(symbol, { kind: 'Fill', clientOrderId, ageMs: this.#options.clock.nowMs() - time });
  }

  onTrace(symbol: string, trace: Trace): void {
    const { tag: ownTag, clock, log } = this.#options;
    const sign = signOf(trace, ownTag);
    if (sign === undefined) return;
    const atMs = clock.monotonicMs() - sign.ageMs;
    const known = this.#signs.get(symbol);
    if (known !== undefined && known.atMs >= atMs) return;
    const isNew = known === undefined || !isRecent(clock.monotonicMs() - known.atMs);
    this.#signs.set(symbol, { tag: sign.tag, atMs });
    if (!isNew || !isRecent(sign.ageMs)) return;
    log.error(
      { symbol, tag: sign.tag, order: trace.clientOrderId },
      'another stack trades this instrument on the account, no entries there',
    );
  }
}
