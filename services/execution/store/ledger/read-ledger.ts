import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import type { Decimal } from '../../../shared/domain/decimal.ts';
import type { Queryable } from '../../../shared/postgres/pool.ts';

/** $1 stack. */
const READ_LEDGER = `SELECT asset, ledger::text FROM trading.balances WHERE stack = $1`;

const ledgerRow = z.object({ asset: z.string(), ledger: decimal });

/** Returns the balances at the venue according to the ledger, per asset. */
export async function readLedger(on: Queryable, stack: string): Promise<ReadonlyMap<string, Decimal>> {
  const { rows } = await on.query(READ_LEDGER, [stack]);
  return new Map(
    z
      .array(ledgerRow)
      .parse(rows)
      .map(({ asset, ledger }) => [asset, ledger]),
  );
}
