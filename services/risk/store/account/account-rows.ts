import { z } from 'zod';
import { canaryTerms } from '../../../shared/contracts/control.ts';
import { decimal, nonNegativeDecimal, positiveDecimal, symbol } from '../../../shared/contracts/field.ts';
import { ZERO } from '../../../shared/domain/decimal.ts';
import { STANCES } from '../../../shared/domain/stance.ts';
import { TRADING_STATES } from '../../../shared/domain/trading-state.ts';
import type { BalanceView, PositionView } from '../../core/risk-state.ts';
import type { RowKind } from './row-reader.ts';

/** Our times are whole milliseconds. One that a person inserts has microseconds. */
export const readTime = z.number().min(0).max(8_640_000_000_000_000).transform(Math.floor);

export const stateRow = {
  schema: z.object({ source: z.string(), state: z.enum(TRADING_STATES), reason: z.string() }),
};

const quantityRow = z.object({ strategy: z.string(), symbol: z.string(), quantity: decimal });

/** Without its cost, what is held can still be sold, and counts at its mark. */
export const positionRow: RowKind<PositionView> = {
  schema: quantityRow.extend({
    cost: decimal,
    exitRefusedAtMs: readTime.nullable().transform((atMs) => atMs ?? undefined),
  }),
  salvage: (row) => {
    const { data } = quantityRow.safeParse(row);
    if (data === undefined) return { rows: [], hidesExposure: true };
    return { rows: [{ ...data, cost: ZERO, exitRefusedAtMs: undefined }] };
  },
};

export const balanceRow: RowKind<BalanceView> = {
  schema: z
    .object({
      asset: z.string(),
      ledger: decimal,
      reconciled_at: z.number(),
      venueFree: z
        .object({ amount: decimal, atMs: readTime })
        .nullable()
        .transform((free) => free ?? undefined),
      drifting: z.boolean(),
    })
    .transform(({ reconciled_at: reconciledAtMs, ...balance }) => ({ ...balance, reconciledAtMs })),
};

export const stanceRow = {
  schema: z.object({
    strategy: z.string(),
    symbol: z.string(),
    stance: z.enum(STANCES),
    barClose: readTime,
    changedAt: readTime,
  }),
};

export const attemptsRow = {
  schema: z.object({
    strategy: z.string(),
    symbol: z.string(),
    changedAt: readTime,
    count: z.int(),
    lastAtMs: readTime,
    quantity: positiveDecimal,
  }),
};

/** One that cannot be read stops every entry: it names no instrument. */
export const canaryRow = canaryTerms.extend({
  bought: z.record(symbol, nonNegativeDecimal).transform((bought) => new Map(Object.entries(bought))),
});
