import type { Pool } from 'pg';
import { approvedOrderDocument, type ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import { decisionScope, NOT_ACTIVE } from '../../shared/domain/release/active-release.ts';
import { isPostgresUnavailable } from '../../shared/postgres/errors.ts';
import { transaction } from '../../shared/postgres/transaction.ts';
import type { accountAfter } from '../core/account-after.ts';
import type { Account } from '../core/account.ts';
import type { WantedStance } from '../core/stances/wanted-stance.ts';
import type { Ruling } from '../core/rulings.ts';
import type { Moment, Outcome, Rule, Subject } from '../ports.ts';
import { insertDecisions, type DecisionRow } from './insert-decisions.ts';
import { loadAccount } from './load-account.ts';
import { lockStack } from './lock-stack.ts';
import { saveEntries } from './save-entries.ts';
import { upsertStances } from './upsert-stances.ts';

/** Functions of the core that the store calls within a transaction. */
export interface RiskCore {
  readonly accountAfter: typeof accountAfter;
}

export interface DecideOptions {
  readonly pool: Pool;
  readonly core: RiskCore;
}

/**
 * Decides each subject at most once, however often and to whichever process it is delivered. One transaction takes the
 * stack's lock, reads the account, calls `rule` for each subject in their order, on the account as the decisions before
 * it leave it, and commits all decisions with the stances that they accepted and the entries that they count. `rule` is
 * called again after a serialization failure. A process whose release may not decide changes nothing: each subject has
 * the reason NotActiveRelease. A subject whose rule throws, or whose decision Postgres does not accept,
 * fails alone. Rejects when Postgres is unavailable.
 */
export async function decideAll(
  options: DecideOptions,
  moment: Moment,
  subjects: readonly Subject[],
  rule: Rule,
): Promise<readonly Outcome[]> {
  try {
    return await decideTogether(options, moment, subjects, rule);
  } catch (error) {
    if (isPostgresUnavailable(error)) throw error;
    if (subjects.length === 1) return [{ kind: 'Failed', error }];
  }
  // Nothing of the transaction was committed. One at a time, only what Postgres does not accept fails.
  const outcomes: Outcome[] = [];
  for (const [index, subject] of subjects.entries())
    outcomes.push(
      ...(await decideAll(options, moment, [subject], (account, _only, scope) => rule(account, index, scope))),
    );
  return outcomes;
}

async function decideTogether(
  options: DecideOptions,
  moment: Moment,
  subjects: readonly Subject[],
  rule: Rule,
): Promise<readonly Outcome[]> {
  const { pool, core } = options;
  const { stack, release, nowMs } = moment;
  const ids = subjects.map(({ decisionId }) => decisionId);
  return await transaction(pool, async (client) => {
    await lockStack(client, stack);
    const { account, decided, active } = await loadAccount(client, { stack, nowMs, ids });
    const scope = decisionScope(active, release);
    if (scope === 'None') return subjects.map(() => NOT_ACTIVE);
    const scoped = (current: Account, index: number): Ruling => rule(current, index, scope);
    const { outcomes, rows, stances, after } = decideInOrder({
      core,
      moment,
      subjects,
      rule: scoped,
      account,
      decided,
    });
    await upsertStances(client, stack, stances);
    const before = new Set(account.entryAttempts);
    const counted = after.entryAttempts.filter((one) => !before.has(one));
    await saveEntries(client, stack, counted);
    await insertDecisions(client, moment, rows);
    return outcomes;
  });
}

interface Work {
  readonly core: RiskCore;
  readonly moment: Moment;
  readonly subjects: readonly Subject[];
  readonly rule: (account: Account, index: number) => Ruling;
  readonly account: Account;
  /** Decisions of subjects that are stored already: undefined for those that refused. */
  readonly decided: ReadonlyMap<string, ApprovedOrderPayload | undefined>;
}

function decideInOrder({ core, moment, subjects, rule, account, decided }: Work) {
  let current = account;
  const known = new Map(decided);
  const rows: DecisionRow[] = [];
  const stances: WantedStance[] = [];
  const outcomes = subjects.map((subject, index): Outcome => {
    const { decisionId } = subject;
    if (known.has(decisionId)) return { kind: 'Repeated', order: known.get(decisionId) };
    try {
      const ruling = rule(current, index);
      current = core.accountAfter(current, { ...changeOf(ruling), nowMs: moment.nowMs });
      if (ruling.wants !== undefined) stances.push(ruling.wants);
      if (ruling.kind === 'NoAction') return { kind: 'NoAction', reason: ruling.reason };
      rows.push({ ...subject, ...ruling.decision });
      known.set(decisionId, ruling.decision.order);
      return { kind: 'New', decision: ruling.decision };
    } catch (error) {
      return { kind: 'Failed', error };
    }
  });
  return { outcomes, rows, stances, after: current };
}

/** Throws when the order is malformed: it must leave neither a decision nor an approval. */
function changeOf(ruling: Ruling) {
  const payload = ruling.kind === 'Decided' ? ruling.decision.order : undefined;
  return { wants: ruling.wants, order: payload === undefined ? undefined : approvedOrderDocument.parse(payload) };
}
