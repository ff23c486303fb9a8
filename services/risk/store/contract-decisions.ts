import type { Side } from '../../shared/domain/side.ts';
import type { Account } from '../core/account.ts';
import type { Ruling } from '../core/rulings.ts';
import type { Moment, Outcome, RiskStore, Rule } from '../ports.ts';

export const CONTRACT_STACK = 'demo-1a2b3c4d';
/** When the decisions of the contract are made, UTC ms. */
export const NOW = 1_800_000_000_000;
export const NO_ACTION = { kind: 'NoAction', reason: 'Flat' } as const;

/** The terms of an order of execution. */
export interface ContractOrder {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly state: 'Open' | 'Filled' | 'Rejected' | 'NeverSent';
  /** Of a rejected one: the code of the venue. */
  readonly code?: string;
}

/** Decisions of strategy `cross` on XRP/ETH in a store that a test may replace. */
export function decisionsIn(storeOf: () => Pick<RiskStore, 'decideAll'>) {
  async function decideAll(
    ids: readonly string[],
    rule: Rule,
    nowMs = NOW,
    terms: Partial<Pick<Moment, 'release'>> = {},
  ): Promise<readonly Outcome[]> {
    const subjects = ids.map((decisionId) => ({ decisionId, strategy: 'cross', symbol: 'XRP/ETH' }));
    return await storeOf().decideAll({ stack: CONTRACT_STACK, release: 'r1', nowMs, ...terms }, subjects, rule);
  }

  async function decide(decisionId: string, rule: Rule, nowMs = NOW): Promise<Outcome> {
    const [outcome] = await decideAll([decisionId], rule, nowMs);
    if (outcome === undefined) throw new Error('a decision has no outcome');
    return outcome;
  }

  async function accountNow(): Promise<Account> {
    let seen: Account | undefined;
    await decide('probe', (account) => {
      seen = account;
      return NO_ACTION;
    });
    if (seen === undefined) throw new Error('the rule was not called');
    return seen;
  }

  return { decideAll, decide, accountNow };
}

/** The approval of a buy of 100 XRP, or of a sale. */
export function approval(decisionId: string, deadline = NOW + 5_000, decidedAt = NOW, side: Side = 'buy'): Ruling {
  const order = {
    decisionId,
    stack: CONTRACT_STACK,
    strategy: 'cross',
    clientOrderId: decisionId.replaceAll(/[^a-z0-9]/g, ''),
    symbol: 'XRP/ETH',
    side,
    type: 'LIMIT',
    price: '0.0014',
    quantity: '100',
    deadline,
    decidedAt,
    riskHash: 'h',
    release: 'r1',
  } as const;
  return { kind: 'Decided', decision: { code: 'Approved', detail: '', inputs: { feedAgeMs: 3 }, order } };
}
