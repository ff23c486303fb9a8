import type { SenderRole } from '../../shared/contracts/statusz.ts';
import { assetsOf } from '../../shared/domain/instrument.ts';
import type { Side } from '../../shared/domain/side.ts';
import type { TradingState } from '../../shared/domain/trading-state.ts';
import type { OtherStack } from './reconcile/other-stack.ts';

/** Everything that decides whether this process may send an order now. */
export interface SendingFacts {
  readonly role: SenderRole;
  readonly tradingState: TradingState;
  /** Who asked for the trading state, for the message. */
  readonly askedBy: readonly string[];
  /** Milliseconds since the read of the fence that gave the permit was issued; undefined without a permit. */
  readonly permitAgeMs: number | undefined;
  readonly permitMs: number;
  /** How long the last read of the fence took, or has been taking so far. */
  readonly fenceReadMs: number;
  /** How long the intent that is being committed has been taking so far; 0 when there is none. */
  readonly commitMs: number;
  /** Why requests would be signed with a wrong time; undefined when the clock is right. */
  readonly clockProblem: string | undefined;
  /** Milliseconds until the venue accepts requests again. */
  readonly limitedForMs: number;
  /** Assets in which ledger and venue differ. */
  readonly drifts: readonly DriftProblem[];
  /** Assets whose balance at the venue cannot be read. */
  readonly unreadBalances: readonly DriftProblem[];
  /** Instruments with an order whose outcome is unknown. */
  readonly unknownSymbols: readonly string[];
  /** Instruments of which something could not be processed. */
  readonly setApart: readonly string[];
  /** Other stacks that trade the same instruments on the account. */
  readonly otherStacks: readonly OtherStack[];
  /** What has not been compared with the venue, so that its state there is unknown. */
  readonly unreconciled: readonly Unreconciled[];
}

/** An asset whose balance is not what the ledger says, and the difference in words. */
export interface DriftProblem {
  readonly asset: string;
  readonly problem: string;
}

/** An instrument, or all of them where `symbol` is undefined, that takes no entries until it has been compared. */
export interface Unreconciled {
  readonly symbol: string | undefined;
  /** Whether it takes exits. */
  readonly exits: boolean;
  readonly problem: string;
}

export type ObstacleReason =
  | 'NotActive'
  | 'Halted'
  | 'DatabaseSlow'
  | 'PermitExpired'
  | 'ClockSkewed'
  | 'RateLimited'
  | 'Reducing'
  | 'Flattening'
  | 'LedgerDrift'
  | 'UnknownOrders'
  | 'SetApart'
  | 'OtherStack'
  | 'NotReconciled';

/** Why orders cannot be sent now. On a spot market, an entry is a buy. */
export interface Obstacle {
  readonly reason: ObstacleReason;
  readonly message: string;
  /**
   * Orders that it stops: all of them, entries, orders or entries on these instruments, or entries on instruments with
   * one of these assets as base or quote.
   */
  readonly stops:
    | 'All'
    | 'Entries'
    | { readonly ordersOn: readonly string[] }
    | { readonly entriesOn: readonly string[] }
    | { readonly entriesWith: readonly string[] };
}

type Rule = (facts: SendingFacts) => Obstacle | undefined;

/** In order of precedence. What a person asked for comes before what fails. */
const RULES: readonly Rule[] = [
  role,
  halt,
  database,
  permit,
  clock,
  rateLimit,
  reducing,
  deadLetters,
  otherStack,
  drift,
  unreadBalance,
  unknowns,
  unlisted,
  unbalanced,
  uncompared,
];

/**
 * Returns every obstacle to sending, the most important one first. No other code decides whether an order may be sent,
 * so that the status always says what the sender does.
 */
export function obstaclesTo(facts: SendingFacts): readonly Obstacle[] {
  return RULES.flatMap((rule) => rule(facts) ?? []);
}

/** Returns the first obstacle to sending an order. */
export function obstacleFor(
  order: { readonly side: Side; readonly symbol: string },
  facts: SendingFacts,
): Obstacle | undefined {
  return obstaclesTo(facts).find((obstacle) => stopsOrder(obstacle, order));
}

export function stopsEverything({ stops }: Obstacle): boolean {
  return stops === 'All';
}

export function stopsOrder(
  { stops }: Obstacle,
  { side, symbol }: { readonly side: Side; readonly symbol: string },
): boolean {
  if (stops === 'All') return true;
  if (stops === 'Entries') return side === 'buy';
  if ('ordersOn' in stops) return stops.ordersOn.includes(symbol);
  if (side !== 'buy') return false;
  return 'entriesOn' in stops ? stops.entriesOn.includes(symbol) : involves(symbol, stops.entriesWith);
}

function involves(symbol: string, assets: readonly string[]): boolean {
  const { base, quote } = assetsOf(symbol);
  return assets.includes(base) || assets.includes(quote);
}

function role({ role: current }: SendingFacts): Obstacle | undefined {
  if (current === 'active') return undefined;
  return { reason: 'NotActive', message: `this process is ${current}; only an active one sends`, stops: 'All' };
}

function halt({ tradingState, askedBy }: SendingFacts): Obstacle | undefined {
  if (tradingState !== 'Halted') return undefined;
  return { reason: 'Halted', message: `halted by ${askedBy.join(', ')}: only cancellations are sent`, stops: 'All' };
}

function database(facts: SendingFacts): Obstacle | undefined {
  const { permitMs, commitMs, fenceReadMs } = facts;
  const statementMs = Math.max(commitMs, isExpired(facts) ? fenceReadMs : 0);
  if (statementMs < permitMs) return undefined;
  const message = `a statement takes ${Math.round(statementMs)} ms; a permit to send lasts ${permitMs} ms`;
  return { reason: 'DatabaseSlow', message, stops: 'All' };
}

function permit(facts: SendingFacts): Obstacle | undefined {
  if (!isExpired(facts)) return undefined;
  const { permitAgeMs, permitMs } = facts;
  const read = permitAgeMs === undefined ? 'not been read' : `last been read ${Math.round(permitAgeMs)} ms ago`;
  return { reason: 'PermitExpired', message: `the fence has ${read}; a permit lasts ${permitMs} ms`, stops: 'All' };
}

function isExpired({ role: current, permitAgeMs, permitMs }: SendingFacts): boolean {
  return current === 'active' && (permitAgeMs === undefined || permitAgeMs >= permitMs);
}

function clock({ clockProblem }: SendingFacts): Obstacle | undefined {
  return clockProblem === undefined ? undefined : { reason: 'ClockSkewed', message: clockProblem, stops: 'All' };
}

function rateLimit({ limitedForMs }: SendingFacts): Obstacle | undefined {
  if (limitedForMs <= 0) return undefined;
  const message = `the venue accepts no request for ${Math.ceil(limitedForMs)} ms`;
  return { reason: 'RateLimited', message, stops: 'All' };
}

function reducing({ tradingState, askedBy }: SendingFacts): Obstacle | undefined {
  if (tradingState !== 'Reducing' && tradingState !== 'Flattening') return undefined;
  return { reason: tradingState, message: `${askedBy.join(', ')}: only sells are sent`, stops: 'Entries' };
}

function drift({ drifts }: SendingFacts): Obstacle | undefined {
  if (drifts.length === 0) return undefined;
  const message = `no buys with these assets: ${drifts.map(({ problem }) => problem).join('; ')}`;
  return { reason: 'LedgerDrift', message, stops: { entriesWith: drifts.map(({ asset }) => asset) } };
}

function unreadBalance({ unreadBalances }: SendingFacts): Obstacle | undefined {
  if (unreadBalances.length === 0) return undefined;
  const message = `no buys with these assets: ${unreadBalances.map(({ problem }) => problem).join('; ')}`;
  return { reason: 'NotReconciled', message, stops: { entriesWith: unreadBalances.map(({ asset }) => asset) } };
}

/** Returns whether a drift of its base or quote asset stops entries on this instrument. */
export function hasDrift(symbol: string, drifts: readonly DriftProblem[]): boolean {
  return involves(
    symbol,
    drifts.map(({ asset }) => asset),
  );
}

function unknowns({ unknownSymbols }: SendingFacts): Obstacle | undefined {
  if (unknownSymbols.length === 0) return undefined;
  const message = `an order has an unknown outcome: no buys on ${unknownSymbols.join(', ')}`;
  return { reason: 'UnknownOrders', message, stops: { entriesOn: unknownSymbols } };
}

function deadLetters({ setApart }: SendingFacts): Obstacle | undefined {
  if (setApart.length === 0) return undefined;
  const message = `something could not be processed, see the check "dead letters": no buys on ${setApart.join(', ')}`;
  return { reason: 'SetApart', message, stops: { entriesOn: setApart } };
}

function otherStack({ otherStacks }: SendingFacts): Obstacle | undefined {
  if (otherStacks.length === 0) return undefined;
  const named = otherStacks.map(({ symbol, tag }) => `${symbol} (tag ${tag})`).join(', ');
  const message = `another stack trades on the same account: no buys on ${named}`;
  return { reason: 'OtherStack', message, stops: { entriesOn: otherStacks.map(({ symbol }) => symbol) } };
}

function unlisted({ unreconciled }: SendingFacts): Obstacle | undefined {
  const { symbols, message } = describe(unreconciled.filter(({ exits }) => !exits));
  if (symbols.length === 0) return undefined;
  return { reason: 'NotReconciled', message: `no orders on ${message}`, stops: { ordersOn: symbols } };
}

function unbalanced({ unreconciled }: SendingFacts): Obstacle | undefined {
  const account = unreconciled.find(({ symbol }) => symbol === undefined);
  if (account === undefined) return undefined;
  return { reason: 'NotReconciled', message: `no buys: ${account.problem}`, stops: 'Entries' };
}

function uncompared({ unreconciled }: SendingFacts): Obstacle | undefined {
  const { symbols, message } = describe(unreconciled.filter(({ exits }) => exits));
  if (symbols.length === 0) return undefined;
  return { reason: 'NotReconciled', message: `no buys on ${message}`, stops: { entriesOn: symbols } };
}

function describe(unreconciled: readonly Unreconciled[]): {
  readonly symbols: readonly string[];
  readonly message: string;
} {
  const named = unreconciled.filter(({ symbol }) => symbol !== undefined);
  return {
    symbols: named.flatMap(({ symbol }) => symbol ?? []),
    message: named.map(({ problem }) => problem).join('; '),
  };
}
