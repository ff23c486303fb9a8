import { z } from 'zod';
import type { CancelRequest } from '../../core/exits/cancel-request.ts';
import { readTime } from '../account/account-rows.ts';
import type { RowKind } from '../account/row-reader.ts';

/** The column of the account's statement with the requested cancellations. $1 stack. */
export const CANCEL_COLUMNS = `
  (SELECT coalesce(json_agg(c), '[]') FROM (
     SELECT client_order_id AS "clientOrderId", symbol, extract(epoch FROM requested_at) * 1000 AS "requestedAtMs"
     FROM risk.cancel_requests WHERE stack = $1) c) AS cancel_requests`;

/** Shape of a row of that column. */
export const cancelRequestRow: RowKind<CancelRequest> = {
  schema: z.object({ clientOrderId: z.string(), symbol: z.string(), requestedAtMs: readTime }),
};
