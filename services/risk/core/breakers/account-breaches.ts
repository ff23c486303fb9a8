import { formatDecimal, parseDecimal, subtract, ZERO, type Decimal } from '../../../shared/domain/decimal.ts';
import type { RiskPolicy } from '../risk-state.ts';
import type { Breach, EquityRecord } from './breaker.ts';

export type BreakerRules = NonNullable<RiskPolicy['breakers']>;

const HUNDRED = parseDecimal('100');

/** Whether the settings have a limit that needs the equity. */
export function needsEquity(rules: BreakerRules | undefined): boolean {
  return rules?.maxDailyLoss !== undefined || rules?.maxDrawdownPercent !== undefined;
}

/** Returns the limits of the account that its equity has reached. */
export function accountBreaches(record: EquityRecord, rules: BreakerRules): readonly Breach[] {
  return [dailyLoss(record, rules), drawdown(record, rules)].filter((breach) => breach !== undefined);
}

/** The loss since the first equity of the UTC day, in the currency; negative for a profit. */
export function dailyLossOf({ dayStart, equity }: EquityRecord): Decimal {
  return subtract(dayStart, equity);
}

function dailyLoss(record: EquityRecord, { maxDailyLoss }: BreakerRules): Breach | undefined {
  const loss = dailyLossOf(record);
  if (maxDailyLoss === undefined || loss < maxDailyLoss) return undefined;
  const { currency, equity, dayStart, dayMs } = record;
  const day = new Date(dayMs).toISOString().slice(0, 10);
  const threshold = formatDecimal(maxDailyLoss);
  return {
    breaker: 'DailyLoss',
    symbol: '',
    threshold,
    detail: `the loss of ${day} (UTC) is ${formatDecimal(loss)} ${currency}, risk.maxDailyLoss is ${threshold}`,
    inputs: {
      currency,
      equity: formatDecimal(equity),
      dayStart: formatDecimal(dayStart),
      day,
      loss: formatDecimal(loss),
    },
  };
}

function drawdown(record: EquityRecord, { maxDrawdownPercent: limit }: BreakerRules): Breach | undefined {
  const { currency, equity, peak } = record;
  // By products, because a quotient would have to be rounded.
  if (limit === undefined || peak <= ZERO || (peak - equity) * HUNDRED < limit * peak) return undefined;
  const threshold = formatDecimal(limit);
  const percent = formatDecimal((((peak - equity) * HUNDRED) / peak) as Decimal);
  return {
    breaker: 'Drawdown',
    symbol: '',
    threshold,
    detail: `equity is ${percent} % below its peak of ${formatDecimal(peak)} ${currency}, risk.maxDrawdownPercent is ${threshold}`,
    inputs: { currency, equity: formatDecimal(equity), peak: formatDecimal(peak), drawdownPercent: percent },
  };
}
