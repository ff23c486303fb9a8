import type { MarketView } from '../../shared/market/market-view.ts';
import type { EquityRecord } from '../core/breakers/breaker.ts';
import { CONFIRMING, middleBy } from '../core/breakers/confirmed.ts';
import { equityOf, type Equity, type EquityState } from '../core/breakers/equity/equity.ts';
import { nextEquity } from '../core/breakers/equity/next-equity.ts';
import { utcDayOf } from '../core/breakers/utc-day.ts';

/** The equity that three looks confirm, and which prices are missing for it, or why there is none. */
export type ObservedEquity =
  | { readonly kind: 'Known'; readonly record: EquityRecord; readonly missing: string }
  | { readonly kind: 'Unknown'; readonly detail: string };

/** Adds an equity, and returns the next record of the confirmed one. */
export type EquityObservation = (state: EquityState) => ObservedEquity;

interface Seen {
  /** Equities of different bases do not compare. */
  readonly basis: string;
  readonly values: readonly Equity[];
  readonly booksAt: ReadonlyMap<string, number>;
}

/** A price that has been missing for so long is not about to come, as after a start or a short gap of the feed. */
const SETTLED_MS = 300_000;

/** Creates the memory of equities. It starts empty, so that after a restart the equity is unknown for three looks. */
export function createEquityObservation(market: MarketView): EquityObservation {
  let seen: Seen | undefined;
  let missingSince: ReadonlyMap<string, number> = new Map();

  const hasSettled = (unpriced: readonly string[], nowMs: number): boolean => {
    missingSince = new Map(unpriced.map((asset) => [asset, missingSince.get(asset) ?? nowMs]));
    return [...missingSince.values()].every((sinceMs) => nowMs - sinceMs >= SETTLED_MS);
  };

  return (state) => {
    const valued = equityOf(state);
    if (valued.kind === 'Unknown') {
      seen = undefined;
      return valued;
    }
    const { bookedTransfers: transfers, feesPaid: fees, equityRecord: before, nowMs } = state;
    const settled = hasSettled(valued.unpriced, nowMs);
    if (before !== undefined && !settled && utcDayOf(nowMs) > before.dayMs)
      return { kind: 'Unknown', detail: `${valued.missing}, so the day has not begun` };
    seen = seenNext(seen, {
      basis: JSON.stringify([valued.currency, valued.assets, [...transfers].map(String)]),
      valued,
      booksAt: new Map([...state.freshMarks.keys()].map((one) => [one, market.snapshot(one).book?.receivedAt ?? 0])),
    });
    const confirmed = middleBy(seen.values, ({ equity }) => equity);
    if (confirmed === undefined) return { kind: 'Unknown', detail: 'the equity is not confirmed by three looks yet' };
    const record = nextEquity(before, { valued: confirmed, transfers, fees, nowMs, hasSettled: settled });
    return { kind: 'Known', record, missing: valued.missing };
  };
}

/** The same books count once, so that one bad book does not confirm itself. */
function seenNext(
  seen: Seen | undefined,
  { basis, valued, booksAt }: Pick<Seen, 'basis' | 'booksAt'> & { readonly valued: Equity },
): Seen {
  if (seen?.basis !== basis) return { basis, values: [valued], booksAt };
  if ([...booksAt].some(([symbol, atMs]) => seen.booksAt.get(symbol) === atMs)) return seen;
  return { basis, values: [...seen.values, valued].slice(-CONFIRMING), booksAt };
}
