import { subtract, ZERO } from '../../../shared/domain/decimal.ts';
import { assetsOf } from '../../../shared/domain/instrument.ts';
import { midPrice } from '../../../shared/domain/market-snapshot.ts';
import { accountBreaches, dailyLossOf, needsEquity } from '../breakers/account-breaches.ts';
import type { Breach } from '../breakers/breaker.ts';
import { equityOf } from '../breakers/equity/equity.ts';
import { spreadBreach } from '../breakers/instrument-breaches.ts';
import { nextEquity } from '../breakers/equity/next-equity.ts';
import { utcDayOf } from '../breakers/utc-day.ts';
import { needsVenueHealth, venueBreaches, venueProblem } from '../breakers/venue-breaches.ts';
import type { RiskState, Signal } from '../risk-state.ts';
import { refuse, text, type CheckOutcome } from './check-outcome.ts';

/**
 * Breakers refuse entries, and no exit. One that has tripped is part of the account that this decision reads, so that
 * no entry follows its commit. The limits are also judged here, at this moment and without a second look: an entry
 * refused by one bad print costs less than one that a loss should have stopped. What has no fresh price counts as lost
 * here: a few coins of a delisted pair refuse nothing, and a position that could reach a limit does.
 */
export function checkBreakers(state: RiskState, { symbol, stance }: Signal): CheckOutcome {
  if (stance === 'Flat') return { inputs: {} };
  const tripped = state.breakers.find((one) => one.symbol === '' || one.symbol === symbol);
  if (tripped !== undefined) return refused(tripped);
  const { breakers: rules } = state.policy;
  if (rules === undefined) return { inputs: {} };
  const now = spreadNow(state, symbol, rules);
  if (now !== undefined) return refused(now);
  return checkVenue(state, rules) ?? (needsEquity(rules) ? checkEquity(state, rules, symbol) : { inputs: {} });
}

type Rules = NonNullable<RiskState['policy']['breakers']>;

function spreadNow(state: RiskState, symbol: string, rules: Rules): Breach | undefined {
  const { bid, ask } = state.market.book ?? {};
  const mid = midPrice(bid, ask);
  if (bid === undefined || ask === undefined || mid === undefined) return undefined;
  return spreadBreach(symbol, { spread: subtract(ask, bid), mid }, rules);
}

/** Returns undefined when the venue is within its limits. */
function checkVenue({ venueHealth }: RiskState, rules: Rules): CheckOutcome | undefined {
  if (!needsVenueHealth(rules)) return undefined;
  const problem = venueProblem(venueHealth);
  if (problem !== undefined) return refuse('VenueUnknown', problem, { venueAgeMs: venueHealth?.ageMs ?? null });
  const [breach] = venueBreaches(venueHealth, rules);
  return breach === undefined ? undefined : refused(breach);
}

function checkEquity(state: RiskState, rules: Rules, symbol: string): CheckOutcome {
  const { equityRecord: record, bookedTransfers: transfers, feesPaid: fees, nowMs } = state;
  if (record === undefined || record.dayMs < utcDayOf(nowMs))
    return refuse('EquityUnknown', 'the first equity of the day is not recorded yet', { equity: null });
  const valued = equityOf(state);
  if (valued.kind === 'Unknown') return refuse('EquityUnknown', valued.detail, { equity: null });
  // What is bought with a new asset before that would count as one more transfer, and so would the new asset itself.
  const { base } = assetsOf(symbol);
  const counts = (asset: string): boolean => asset === base || (valued.amounts.get(asset) ?? ZERO) !== ZERO;
  const added = valued.assets.find((asset) => !record.assets.includes(asset) && counts(asset));
  if (added !== undefined)
    return refuse('EquityUnknown', `the equity with ${added} is not recorded yet`, { equity: null });
  const now = nextEquity(record, { valued, transfers, fees, nowMs });
  const [breach] = accountBreaches(now, rules);
  if (breach !== undefined) return refused(breach);
  const { uncertain, missing } = valued;
  const [possible] = accountBreaches({ ...now, equity: subtract(now.equity, uncertain) }, rules);
  if (possible !== undefined) {
    const detail = `${missing}: if the ${text(uncertain)} that it was last worth is lost, ${possible.detail}`;
    return refuse('EquityUnknown', detail, { ...possible.inputs, uncertain: text(uncertain) });
  }
  return { inputs: { equity: text(now.equity), dayLoss: text(dailyLossOf(now)), peak: text(now.peak) } };
}

function refused({ breaker, detail, threshold, inputs }: Breach): CheckOutcome {
  return refuse(breaker, detail, { ...inputs, threshold });
}
