import type { ApprovedOrderMessage } from '../../shared/contracts/messages/approved-order.ts';
import { APPROVAL_GRACE_MS } from '../../shared/domain/orders/approved.ts';
import type { Account } from './account.ts';
import { attemptsOf, type EntryAttempts } from './entries/entry-attempts.ts';
import { heldBy, type Pair } from './holdings.ts';
import { endsWithEntry } from './stops/stop-record.ts';
import { wantedBy, type WantedStance } from './stances/wanted-stance.ts';

/** What a decision changes: the stance that it accepted, and the order that it approved. */
export interface AccountChange {
  readonly wants: WantedStance | undefined;
  readonly order: ApprovedOrderMessage | undefined;
  /** UTC milliseconds. */
  readonly nowMs: number;
}

/**
 * Returns the account as it is once the decision is stored, so that the next decision of the same transaction counts
 * it: an approval reserves funds and takes its part of the limits, and an approved buy counts as an entry of its stance
 * and ends the stop of an earlier position.
 */
export function accountAfter(account: Account, { wants, order, nowMs }: AccountChange): Account {
  const accepted = wants === undefined ? account : afterStance(account, wants);
  if (order === undefined) return accepted;
  const { deadline, side } = order;
  const openApprovals =
    deadline > nowMs - APPROVAL_GRACE_MS ? [...account.openApprovals, order] : account.openApprovals;
  const after = { ...accepted, openApprovals };
  return side === 'buy' ? afterEntry(after, order, nowMs) : after;
}

function afterStance(account: Account, wants: WantedStance): Account {
  const stances = stancesAfter(account.stances, wants);
  if (stances === account.stances) return account;
  const known = account.entryAttempts.find((one) => isOf(one, wants));
  if (known === undefined || known.changedAt === wants.changedAt) return { ...account, stances };
  return { ...account, stances, entryAttempts: inPlaceOf(wants, account.entryAttempts, []) };
}

function afterEntry(account: Account, order: ApprovedOrderMessage, nowMs: number): Account {
  const stance = wantedBy(account.stances, order);
  const attempt = stance && attemptAfter(account.entryAttempts, stance, { order, nowMs });
  const entry = { stance, isFirst: attempt?.count === 1, held: heldBy(account, order.strategy, order.symbol) };
  return {
    ...account,
    entriesLastSecond: account.entriesLastSecond + 1,
    entryAttempts: attempt === undefined ? account.entryAttempts : inPlaceOf(order, account.entryAttempts, [attempt]),
    stops: account.stops.filter((stop) => !isOf(stop, order) || !endsWithEntry(stop, entry)),
  };
}

/** The first entry of a stance sets the quantity, and each further one counts. */
function attemptAfter(
  attempts: readonly EntryAttempts[],
  { strategy, symbol, changedAt }: WantedStance,
  { order, nowMs }: { readonly order: ApprovedOrderMessage; readonly nowMs: number },
): EntryAttempts {
  const { quantity, count } = attemptsOf(attempts, { strategy, symbol, changedAt }) ?? {
    quantity: order.quantity,
    count: 0,
  };
  return { strategy, symbol, changedAt, quantity, count: count + 1, lastAtMs: nowMs };
}

/** A stance never goes back to that of an older bar. */
function stancesAfter(stances: readonly WantedStance[], wants: WantedStance): readonly WantedStance[] {
  const known = wantedBy(stances, wants);
  return known !== undefined && known.barClose >= wants.barClose ? stances : inPlaceOf(wants, stances, [wants]);
}

/** Returns the rows with others in place of that of a pair, which has one at most. */
function inPlaceOf<Row extends Pair>(pair: Pair, rows: readonly Row[], others: readonly Row[]): readonly Row[] {
  const index = rows.findIndex((row) => isOf(row, pair));
  const end = index < 0 ? rows.length : index;
  // Ten times as fast as `with` and `toSpliced` for hundreds of rows: those copy one at a time.
  return rows.slice(0, end).concat(others, rows.slice(end + 1));
}

function isOf(row: Pair, { strategy, symbol }: Pair): boolean {
  return row.strategy === strategy && row.symbol === symbol;
}
