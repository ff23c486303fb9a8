import type { Pool } from 'pg';
import type { ApprovedOrderPayload } from '../../shared/contracts/messages/approved-order.ts';
import { transaction } from '../../shared/postgres/transaction.ts';
import { findDecision } from './find-decision.ts';
import { insertDecision, type DecisionRow } from './insert-decision.ts';
import { loadAccount, type AccountRow } from './load-account.ts';
import { lockStack } from './lock-stack.ts';

/** What became of a signal: decided now, decided before, or nothing to decide. */
export type Decided =
  | { readonly kind: 'New'; readonly order: ApprovedOrderPayload | undefined }
  | { readonly kind: 'Repeated'; readonly order: ApprovedOrderPayload | undefined }
  | { readonly kind: 'NoAction' };

/** The part of a decision that is not known before it is taken. */
export type Ruling = Pick<DecisionRow, 'code' | 'detail' | 'inputs' | 'order'> | undefined;

export interface Question {
  readonly stack: string;
  readonly decisionId: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly release: string;
  readonly nowMs: number;
}

/**
 * Decides a signal at most once, however often it is delivered and whoever asks: one transaction that takes the stack's lock, reads the account of
 * that moment, lets `rule` decide and commits the decision. `rule` may be called again after a serialization failure. Rejects when Postgres is away.
 */
export async function decideOnce(
  pool: Pool,
  question: Question,
  rule: (account: AccountRow) => Ruling,
): Promise<Decided> {
  const { stack, decisionId, strategy, symbol, release, nowMs } = question;
  return await transaction(pool, async (client): Promise<Decided> => {
    await lockStack(client, stack);
    const earlier = await findDecision(client, stack, decisionId);
    if (earlier !== undefined) return { kind: 'Repeated', order: earlier.order };
    const ruling = rule(await loadAccount(client, stack, nowMs));
    if (ruling === undefined) return { kind: 'NoAction' };
    await insertDecision(client, { stack, decisionId, strategy, symbol, release, decidedAtMs: nowMs, ...ruling });
    return { kind: 'New', order: ruling.order };
  });
}
