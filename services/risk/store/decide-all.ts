import type { Pool } from 'pg';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { transaction } from '../../shared/postgres/transaction.ts';
import type { Account } from '../core/account.ts';
import type { Decided, Question, Ruling } from '../ports.ts';
import { countEntry } from './count-entry.ts';
import { findDecision } from './find-decision.ts';
import { insertDecision } from './insert-decision.ts';
import { loadAccount } from './load-account.ts';
import { lockStack } from './lock-stack.ts';
import { upsertStance } from './upsert-stance.ts';

/**
 * Decides a signal at most once, however often and to whichever process it is delivered. One transaction takes the
 * stack's lock, reads the account, calls `rule`, commits the decision with the stance that it accepted, and counts an
 * approved entry. `rule` is called again after a serialization failure. Rejects when Postgres is unavailable.
 */
export async function decideOnce(pool: Pool, question: Question, rule: (account: Account) => Ruling): Promise<Decided> {
  const { stack, decisionId, strategy, symbol, release, nowMs } = question;
  return await transaction(pool, async (client): Promise<Decided> => {
    await lockStack(client, stack);
    const earlier = await findDecision(client, stack, decisionId);
    if (earlier !== undefined) return { kind: 'Repeated', order: earlier.order };
    const ruling = rule(await loadAccount(client, stack, nowMs));
    if (ruling.wants !== undefined) await upsertStance(client, stack, ruling.wants);
    if (ruling.kind === 'NoAction') return { kind: 'NoAction', reason: ruling.reason };
    const { decision } = ruling;
    await insertDecision(client, { stack, decisionId, strategy, symbol, release, decidedAtMs: nowMs, ...decision });
    if (decision.order?.side === 'buy') {
      const quantity = parseDecimal(decision.order.quantity);
      await countEntry(client, stack, { strategy, symbol, quantity, atMs: nowMs });
    }
    return { kind: 'New', decision };
  });
}
