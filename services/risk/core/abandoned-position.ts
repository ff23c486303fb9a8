import { formatDecimal, type Decimal } from '../../shared/domain/decimal.ts';
import type { MarketSnapshot } from '../../shared/domain/market-snapshot.ts';
import { exitCause } from './exits/exit.ts';
import { heldBy, heldPairs, type Pair } from './holdings.ts';
import type { RiskState } from './risk-state.ts';
import { isAbsent } from './sizing/absent-position.ts';
import { isDust } from './sizing/smallest-order.ts';
import { wantedBy } from './stances/wanted-stance.ts';
import { positionStop, type StopsOf } from './stops/position-stop.ts';
import { stopText } from './stops/stop-text.ts';

/** A position that no strategy decides on any more, or whose coins are not in the account. */
export interface AbandonedPosition extends Pair {
  readonly reason: 'PositionAbandoned' | 'CoinsMissing';
  /** For people: how much is held, why nothing will be decided or sold, what protects it, and what to do. */
  readonly message: string;
}

type Watched = Pick<RiskState, 'stances' | 'tradingStates' | 'balances' | 'orders'> & StopsOf;

/** A strategy signals at the close of each bar. It may miss some, as after a gap of the feed, and be late. */
const BARS_MISSED = 3;
const LATE_MS = 60_000;
const NO_BIDS = (): undefined => undefined;
const REMEDY =
  'add it again to have it decided on, sell everything by spec.flatten, or sell it by hand and book the trade';
/** Without rules and prices of the pair, neither a stop nor Flattening sells it. */
const REMEDY_OF_PAIR =
  'add the pair to spec.instruments again, where it needs no strategy, or sell it by hand and book the trade';

const REMEDY_OF_COINS = 'see "Coins of a position are missing" in docs/runbook.md';

/**
 * Returns the positions that will not be left. First those whose coins the ledger has not, as after a withdrawal that
 * is booked as a transfer alone: their strategy takes them for held and buys no more. Then those whose strategy or pair
 * is not configured any more, or which their strategy has sent no signal about for several bars, as when their pair was
 * removed from its list. They are kept: what a person removes from the settings is no order to sell. Their stops still
 * protect them. Left out are those that are being left, and what is known to be dust.
 */
export function abandonedPositions(
  state: Watched,
  marketOf: (symbol: string) => MarketSnapshot,
): readonly AbandonedPosition[] {
  const found = heldPairs(state).flatMap((pair): readonly AbandonedPosition[] => {
    const quantity = heldBy(state, pair.strategy, pair.symbol);
    const market = marketOf(pair.symbol);
    if (isDust(quantity, market)) return [];
    if (isAbsent({ ...state, market }, pair, market.book?.bid)) return [{ ...pair, ...missing(quantity) }];
    const cause = causeOf(state, pair);
    if (cause === undefined) return [];
    const isTraded = state.policy.symbols.includes(pair.symbol);
    if (isTraded && exitCause(state, pair) !== undefined) return [];
    const stop = stopText(positionStop(state, pair, market, NO_BIDS), isTraded);
    const text = `${formatDecimal(quantity)} are held, and ${cause}: it is kept; ${stop}`;
    const message = `${text}; ${isTraded ? REMEDY : REMEDY_OF_PAIR}`;
    return [{ ...pair, reason: 'PositionAbandoned', message }];
  });
  return found.toSorted((one, other) => rankOf(one) - rankOf(other));
}

function rankOf({ reason }: AbandonedPosition): number {
  return reason === 'CoinsMissing' ? 0 : 1;
}

function missing(quantity: Decimal): Pick<AbandonedPosition, 'reason' | 'message'> {
  const text = `${formatDecimal(quantity)} are held by the record, and the account has too few of its coins to sell any`;
  return { reason: 'CoinsMissing', message: `${text}: no orders are sent; ${REMEDY_OF_COINS}` };
}

function causeOf({ policy, stances, nowMs }: Watched, pair: Pair): string | undefined {
  const sizing = policy.sizing.find(({ strategy }) => strategy === pair.strategy);
  if (sizing === undefined) return 'spec.strategies has no such strategy';
  if (!policy.symbols.includes(pair.symbol)) return 'spec.instruments has no such pair';
  const barClose = wantedBy(stances, pair)?.barClose;
  if (barClose === undefined || sizing.barSeconds === undefined) return undefined;
  if (nowMs - barClose <= BARS_MISSED * sizing.barSeconds * 1_000 + LATE_MS) return undefined;
  return `the strategy has sent no signal since ${new Date(barClose).toISOString()}`;
}
