import { formatDecimal } from '../../shared/domain/decimal.ts';
import { HttpError, sendJson, type Route } from '../../shared/runtime/http/http-server.ts';
import type { Ledger } from '../core/ledger.ts';
import { parseCount } from './mexc/order-parameters.ts';

/** Journal entries by sequence number, as the judge reads them. */
export interface EntryLog {
  readonly lastSeq: number;
  read(afterSeq: number, limit: number): readonly unknown[];
}

/**
 * Read-only routes: the complete log of account events, and the current state of one account. Only the network policy
 * restricts access.
 */
export function judgeRoutes(log: EntryLog, ledger: Ledger, account: string): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/simulator/log',
      handle: async ({ query }, response) => {
        const after = parseCount(query, 'after', { fallback: 0, max: Number.MAX_SAFE_INTEGER });
        const limit = parseCount(query, 'limit', { fallback: 500, max: 1_000 });
        if (after === undefined || limit === undefined || limit === 0)
          throw new HttpError(400, 'after must be an entry number, and limit must be from 1 to 1000');
        sendJson(response, 200, { entries: log.read(after, limit), last: log.lastSeq });
      },
    },
    {
      method: 'GET',
      path: '/simulator/accounts',
      handle: async (_request, response) => {
        sendJson(response, 200, {
          account,
          balances: ledger.balances(account).map(({ asset, free, locked }) => ({
            asset,
            free: formatDecimal(free),
            locked: formatDecimal(locked),
          })),
          openOrders: ledger.openCount(account),
          fees: [...ledger.fees()].map(([asset, amount]) => ({ asset, amount: formatDecimal(amount) })),
          last: log.lastSeq,
        });
      },
    },
  ];
}
