import { add, maximum, subtract, ZERO } from '../../../../shared/domain/decimal.ts';
import type { EquityRecord } from '../breaker.ts';
import { utcDayOf } from '../utc-day.ts';
import { flowOf } from './equity-flow.ts';
import type { EquityNow } from './equity-now.ts';
import { inCurrency, scale } from './record-currency.ts';

/**
 * Returns the record after an equity. The first one of a UTC day is what the day's loss counts from, and the peak only
 * rises. A transfer, and a change of the assets that are valued, is no profit and no loss: it moves the first by its
 * amount, so that the loss stays the same amount, and scales the peak, so that the drawdown stays the same percentage.
 * A day never goes back, whatever the clock does.
 */
export function nextEquity(before: EquityRecord | undefined, now: EquityNow): EquityRecord {
  const { valued, transfers, fees, nowMs, hasSettled = true } = now;
  const { currency, assets, equity, rates } = valued;
  const same = { currency, assets, equity, transfers, fees, rates };
  if (before === undefined) return { ...same, revision: 0, dayMs: utcDayOf(nowMs), dayStart: equity, peak: equity };
  const { revision, dayMs } = before;
  const { dayStart, peak } = rebase(inCurrency(before, now), now);
  if (!hasSettled) return { ...same, revision, dayMs, dayStart, peak };
  const today = Math.max(utcDayOf(nowMs), dayMs);
  return {
    ...same,
    revision,
    dayMs: today,
    dayStart: today > dayMs ? equity : dayStart,
    peak: maximum(peak, equity),
  };
}

/** Returns the baselines after what has come in and gone out since the record. */
function rebase(record: EquityRecord, now: EquityNow): Pick<EquityRecord, 'dayStart' | 'peak'> {
  const { dayStart, peak } = record;
  const { equity } = now.valued;
  const flow = flowOf(record, now);
  if (flow === ZERO) return { dayStart, peak };
  return { dayStart: add(dayStart, flow), peak: scale(peak, equity, subtract(equity, flow)) ?? equity };
}
