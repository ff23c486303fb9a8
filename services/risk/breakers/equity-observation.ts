import type { MarketView } from '../../shared/market/market-view.ts';
import type { EquityRecord } from '../core/breakers/breaker.ts';
import { CONFIRMING, middleBy } from '../core/breakers/confirmed.ts';
import { equityOf, type Equity, type EquityState } from '../core/breakers/equity/equity.ts';
import { nextEquity } from '../core/breakers/equity/next-equity.ts';
import { createSettling } from '../core/breakers/equity/settling.ts';
import { utcDayOf } from '../core/breakers/utc-day.ts';

/** The equity that three looks confirm, and which prices are missing for it, or why there is none. */
export type ObservedEquity =
  | { readonly kind: 'Known'; readonly record: EquityRecord; readonly missing: string; readonly hasDayBegun: boolean }
  | { readonly kind: 'Unknown'; readonly detail: string };

export interface EquityObservation {
  /** Adds an equity, and returns the next record of the confirmed one. */
  readonly value: (state: EquityState) => ObservedEquity;
  /** Notes that the last record is stored, or need not be. If it moved the baselines, they wait for prices afresh. */
  readonly onStored: () => void;
}

interface Look {
  readonly equity: Equity;
  readonly hasSettled: boolean;
}

interface Seen {
  /** Equities of different bases do not compare. */
  readonly basis: string;
  readonly looks: readonly Look[];
  readonly booksAt: ReadonlyMap<string, number>;
}

/** Creates the memory of equities. It starts empty, so that after a restart the equity is unknown for three looks. */
export function createEquityObservation(market: MarketView): EquityObservation {
  const settling = createSettling();
  let seen: Seen | undefined;
  let hasMoved = false;

  const value = (state: EquityState): ObservedEquity => {
    hasMoved = false;
    const equity = equityOf(state);
    if (equity.kind === 'Unknown') {
      seen = undefined;
      return equity;
    }
    const { bookedTransfers: transfers, feesPaid: fees, equityRecord: before, nowMs } = state;
    seen = seenNext(seen, {
      basis: JSON.stringify([equity.currency, equity.assets, [...transfers].map(String)]),
      look: { equity, hasSettled: settling.look(equity.unpriced, nowMs) },
      booksAt: new Map([...state.freshMarks.keys()].map((one) => [one, market.snapshot(one).book?.receivedAt ?? 0])),
    });
    const confirmed = middleBy(seen.looks, (look) => look.equity.equity);
    if (confirmed === undefined) return { kind: 'Unknown', detail: 'the equity is not confirmed by three looks yet' };
    // Any of them may be the one with an old price.
    hasMoved = seen.looks.every((look) => look.hasSettled);
    const record = nextEquity(before, { valued: confirmed.equity, transfers, fees, nowMs, hasSettled: hasMoved });
    return { kind: 'Known', record, missing: equity.missing, hasDayBegun: utcDayOf(nowMs) <= record.dayMs };
  };

  return {
    value,
    onStored: () => {
      if (hasMoved) settling.onMoved();
    },
  };
}

/** The same books count once, so that one bad book does not confirm itself. */
function seenNext(
  seen: Seen | undefined,
  { basis, look, booksAt }: Pick<Seen, 'basis' | 'booksAt'> & { readonly look: Look },
): Seen {
  if (seen?.basis !== basis) return { basis, looks: [look], booksAt };
  if ([...booksAt].some(([symbol, atMs]) => seen.booksAt.get(symbol) === atMs)) return seen;
  return { basis, looks: [...seen.looks, look].slice(-CONFIRMING), booksAt };
}
