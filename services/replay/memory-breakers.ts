import type { BreakerReset, EquityRecord, TrippedBreaker } from '../risk/core/breakers/breaker.ts';
import { keyOf } from '../risk/core/breakers/plan-breakers.ts';
import type { RiskStore } from '../risk/ports.ts';

/** The rows of risk.equity, risk.breakers and risk.breaker_resets in memory. */
export class MemoryBreakers implements Pick<RiskStore, 'saveEquity' | 'tripBreaker' | 'leaveBreaker' | 'finishReset'> {
  equity: EquityRecord | undefined;
  /** Requests of people that are not fulfilled. */
  resets: readonly BreakerReset[] = [];
  #tripped: readonly TrippedBreaker[] = [];

  /** Those that have not left. */
  get tripped(): readonly TrippedBreaker[] {
    return this.#tripped.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  readonly saveEquity: RiskStore['saveEquity'] = async (record) => {
    await Promise.resolve();
    if (record.revision !== (this.equity?.revision ?? 0)) return false;
    this.equity = { ...record, revision: record.revision + 1 };
    return true;
  };

  readonly tripBreaker: RiskStore['tripBreaker'] = async (trip) => {
    await Promise.resolve();
    if (this.#tripped.some((one) => keyOf(one) === keyOf(trip))) return false;
    this.#tripped = [...this.#tripped, trip];
    return true;
  };

  readonly leaveBreaker: RiskStore['leaveBreaker'] = async (leave) => {
    await Promise.resolve();
    const before = this.#tripped.length;
    this.#tripped = this.#tripped.filter((one) => keyOf(one) !== keyOf(leave) || one.trippedAtMs !== leave.trippedAtMs);
    return this.#tripped.length < before;
  };

  readonly finishReset: RiskStore['finishReset'] = async (id) => {
    this.resets = this.resets.filter((reset) => reset.id !== id);
    await Promise.resolve();
  };
}
