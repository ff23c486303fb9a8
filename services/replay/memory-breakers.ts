import type { BreakerReset, EquityRecord, TrippedBreaker } from '../risk/core/breakers/breaker.ts';
import { keyOf } from '../risk/core/breakers/plan-breakers.ts';
import type { RiskStore } from '../risk/ports.ts';
import type { BreakerStep } from './core/breaker-step.ts';

/** Called with each breaker that trips or leaves, when it is recorded. */
export type OnBreaker = (kind: BreakerStep['kind'], of: Pick<TrippedBreaker, 'breaker' | 'symbol'>) => void;

/** The rows of risk.equity, risk.breakers and risk.breaker_resets in memory. */
export class MemoryBreakers implements Pick<RiskStore, 'saveEquity' | 'tripBreaker' | 'leaveBreaker' | 'finishReset'> {
  equity: EquityRecord | undefined;
  /** Requests of people that are not fulfilled. */
  resets: readonly BreakerReset[] = [];
  #tripped: readonly TrippedBreaker[] = [];
  readonly #onChange: OnBreaker;

  constructor(onChange: OnBreaker) {
    this.#onChange = onChange;
  }

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
    this.#onChange('Tripped', trip);
    return true;
  };

  readonly leaveBreaker: RiskStore['leaveBreaker'] = async (leave) => {
    await Promise.resolve();
    const before = this.#tripped.length;
    this.#tripped = this.#tripped.filter((one) => keyOf(one) !== keyOf(leave) || one.trippedAtMs !== leave.trippedAtMs);
    const isLast = this.#tripped.length < before;
    if (isLast) this.#onChange('Left', leave);
    return isLast;
  };

  readonly finishReset: RiskStore['finishReset'] = async (id) => {
    this.resets = this.resets.filter((reset) => reset.id !== id);
    await Promise.resolve();
  };
}
