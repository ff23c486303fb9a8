import { z } from 'zod';
import { decimal } from '../../../shared/contracts/field.ts';
import { stopRules } from '../../../shared/contracts/services/risk.ts';
import { STOP_KINDS } from '../../../shared/domain/stop.ts';
import type { StopRecord, TriggeredStop } from '../../core/stops/stop-record.ts';
import { readTime } from './account-rows.ts';
import { readableRules } from './readable-rules.ts';
import type { RowKind } from './row-reader.ts';

const row = z.object({
  strategy: z.string(),
  symbol: z.string(),
  opened_at: readTime,
  high_price: decimal.nullable(),
  rules: stopRules.nullable(),
  kind: z.enum(STOP_KINDS).nullable(),
  trigger_price: decimal.nullable(),
  trigger_bid: decimal.nullable(),
  entry_price: decimal.nullable(),
  triggered_at: readTime.nullable(),
});

const price = decimal.nullable().catch(null);
const damaged = row.extend({
  high_price: price,
  rules: readableRules.nullable().catch(null),
  kind: z.enum(STOP_KINDS).nullish().catch(undefined),
  trigger_price: price,
  trigger_bid: price,
  entry_price: price,
});

/** A stop that triggered is obeyed, whatever else of its row cannot be read: also one of a kind of a newer release. */
export const stopRow: RowKind<StopRecord> = {
  schema: row.transform(stopOfRow),
  salvage: (raw) => {
    const { data } = damaged.safeParse(raw);
    return { rows: data === undefined ? [] : [stopOfRow(data)] };
  },
};

type Row = Omit<z.output<typeof row>, 'kind'> & { readonly kind?: TriggeredStop['kind'] | null };

function stopOfRow({
  opened_at: openedAtMs,
  high_price: highPrice,
  rules,
  kind,
  triggered_at: atMs,
  ...rest
}: Row): StopRecord {
  const { strategy, symbol, trigger_price: level, trigger_bid: bid, entry_price: entryPrice } = rest;
  const prices = { level: level ?? undefined, bid: bid ?? undefined, entryPrice: entryPrice ?? undefined };
  const triggered = kind === null || atMs === null ? undefined : { kind, ...prices, atMs };
  return { strategy, symbol, openedAtMs, highPrice: highPrice ?? undefined, rules: rules ?? undefined, triggered };
}
