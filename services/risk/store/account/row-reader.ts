import { z } from 'zod';
import { asset, symbol } from '../../../shared/contracts/field.ts';
import type { AccountTable, UnreadAccountRow } from '../../core/unread-rows.ts';

/** Reads rows one by one, so that one that cannot be read hides no other. */
export interface RowReader {
  /** Those that could not be read so far. */
  readonly unread: readonly UnreadAccountRow[];
  /** Returns the rows of a list. `salvage` returns what still counts of a row that cannot be read. */
  readonly all: <T>(table: AccountTable, rows: unknown, kind: RowKind<T>) => readonly T[];
  /** Returns the only row of a table; undefined if there is none, or it cannot be read. */
  readonly one: <T>(table: AccountTable, row: unknown, schema: z.ZodType<T>) => T | undefined;
}

export interface RowKind<T> {
  readonly schema: z.ZodType<T>;
  readonly salvage?: (row: unknown) => Salvaged<T>;
}

export interface Salvaged<T> {
  readonly rows: readonly T[];
  /** Assets whose funds the row may hold, by an amount that is unknown. */
  readonly assets?: readonly string[];
  /** The row may stand for exposure that `rows` do not count. */
  readonly hidesExposure?: boolean;
}

const LOST: Salvaged<never> = { rows: [] };

export function createRowReader(): RowReader {
  const unread: UnreadAccountRow[] = [];
  const read = <T>(table: AccountTable, row: unknown, { schema, salvage = () => LOST }: RowKind<T>): readonly T[] => {
    const result = schema.safeParse(row);
    if (result.success) return [result.data];
    const { rows, assets = [], hidesExposure = false } = salvage(row);
    unread.push({ ...identityOf(table, row, assets), hidesExposure, problem: problemOf(result.error) });
    return rows;
  };
  return {
    unread,
    all: (table, rows, kind) =>
      z
        .array(z.unknown())
        .parse(rows)
        .flatMap((row) => read(table, row, kind)),
    one: (table, row, schema) => (row === null ? undefined : read(table, row, { schema })[0]),
  };
}

const text = z.string().optional().catch(undefined);
const identity = z.object({
  source: text,
  breaker: text,
  strategy: text,
  symbol: symbol.optional().catch(undefined),
  asset: asset.optional().catch(undefined),
  clientOrderId: text,
});

/** A breaker concerns every instrument if it cannot be read, whatever its symbol says. */
function identityOf(
  table: AccountTable,
  row: unknown,
  assets: readonly string[],
): Omit<UnreadAccountRow, 'problem' | 'hidesExposure'> {
  const { source, breaker, strategy, symbol: of, asset: own, clientOrderId } = identity.catch({}).parse(row);
  const key = [source, breaker, clientOrderId, strategy, of, own].filter((part) => part !== undefined).join(' ');
  const isOfPair = table !== 'risk.breakers';
  return {
    table,
    key: key.slice(0, 200),
    strategy,
    symbol: isOfPair ? of : undefined,
    assets: table === 'trading.balances' && own !== undefined ? [own] : assets,
  };
}

function problemOf({ issues }: z.ZodError): string {
  const named = issues.slice(0, 3).map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim());
  return named.join('; ').slice(0, 200);
}
