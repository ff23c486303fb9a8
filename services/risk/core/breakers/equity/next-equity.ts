import {
  add,
  divideBigint,
  maximum,
  minimum,
  multiply,
  parseDecimal,
  subtract,
  ZERO,
  type Decimal,
} from '../../../../shared/domain/decimal.ts';
import type { EquityRecord } from '../breaker.ts';
import type { Equity } from './equity.ts';
import { utcDayOf } from '../utc-day.ts';

/** A deposit into almost nothing may scale a peak beyond what a decimal holds. */
const HIGHEST = parseDecimal('9'.repeat(20));

interface Now {
  /** Of the same account as the record. */
  readonly valued: Equity;
  /** Booked transfers of the stack so far, by asset. */
  readonly transfers: ReadonlyMap<string, Decimal>;
  /** Fees of the stack so far, by asset. */
  readonly fees: ReadonlyMap<string, Decimal>;
  /** UTC milliseconds. */
  readonly nowMs: number;
}

/**
 * Returns the record after an equity. The first one of a UTC day is what the day's loss counts from, and the peak only
 * rises. A transfer is no profit and no loss: it moves the first by its amount, so that the loss stays the same amount,
 * and scales the peak, so that the drawdown stays the same percentage. A day never goes back, whatever the clock does.
 */
export function nextEquity(record: EquityRecord | undefined, { valued, transfers, fees, nowMs }: Now): EquityRecord {
  const { currency, assets, equity, rates } = valued;
  const dayMs = Math.max(utcDayOf(nowMs), record?.dayMs ?? 0);
  const same = { revision: record?.revision ?? 0, currency, assets, equity, dayMs, transfers, fees, rates };
  if (record === undefined) return { ...same, dayStart: equity, peak: equity };
  const rebased = rebase(record, valued, transfers);
  const dayStart = dayMs > record.dayMs ? equity : rebased.dayStart;
  return { ...same, dayStart, peak: maximum(rebased.peak, equity) };
}

type Baselines = Pick<EquityRecord, 'dayStart' | 'peak'>;

function rebase(record: EquityRecord, valued: Equity, transfers: Now['transfers']): Baselines {
  const { equity } = valued;
  const { dayStart, peak } = record;
  if (record.currency !== valued.currency) {
    // Amounts of two currencies do not compare: both baselines keep their ratio to the equity.
    const scaled = (baseline: Decimal): Decimal => scale(baseline, equity, record.equity) ?? equity;
    return { dayStart: scaled(dayStart), peak: scaled(peak) };
  }
  const flow = flowOf(record, valued, transfers);
  if (flow === ZERO) return { dayStart, peak };
  return { dayStart: add(dayStart, flow), peak: scale(peak, equity, subtract(equity, flow)) ?? equity };
}

/** Where other assets are valued than before, the whole difference counts as a transfer. */
function flowOf(record: EquityRecord, valued: Equity, transfers: Now['transfers']): Decimal {
  if (!isSameList(record.assets, valued.assets)) return subtract(valued.equity, record.equity);
  let flow: Decimal = ZERO;
  for (const { asset, amount } of changesOf(record, { valued, transfers })) {
    flow = add(flow, multiply(amount, valued.rates.get(asset) ?? ZERO, 'floor'));
  }
  return flow;
}

/** Transfers since the record, of the assets that are valued. */
function changesOf(record: EquityRecord, { valued, transfers }: Omit<Now, 'fees' | 'nowMs'>) {
  return valued.assets
    .map((asset) => ({ asset, amount: subtract(transfers.get(asset) ?? ZERO, record.transfers.get(asset) ?? ZERO) }))
    .filter(({ amount }) => amount !== ZERO);
}

/** Undefined if there was nothing before, or nothing is left, that could be scaled. */
function scale(baseline: Decimal, after: Decimal, before: Decimal): Decimal | undefined {
  if (before <= ZERO || after <= ZERO) return undefined;
  return minimum(divideBigint(baseline * after, before, 'ceil') as Decimal, HIGHEST);
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, index) => one === b[index]);
}
