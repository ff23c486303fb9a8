import { z } from 'zod';
import { add, formatDecimal, parseDecimal, ZERO } from '../../../services/shared/domain/decimal.ts';
import type { KubePrograms } from '../kube-programs.ts';
import { sampleStack } from './install-stack.ts';
import type { StackView } from './stack-line.ts';

const summarySchema = z.object({
  stack: z.string(),
  orders: z.number(),
  orders_filled: z.number(),
  fills: z.number(),
  positions: z.array(
    z.object({
      symbol: z.string(),
      currency: z.string(),
      quantity: z.string(),
      cost: z.string(),
      mark: z.string().nullable(),
      realised: z.string(),
      unrealised: z.string().nullable(),
    }),
  ),
  balances: z.record(z.string(), z.string()),
  third_asset_fees: z.record(z.string(), z.string()),
});

/** One row of the view `trading.summary`: counts, positions, balances and fees in a third asset of one stack. */
export type StackSummary = z.output<typeof summarySchema>;

/** Asks the database itself, in its own pod; undefined where the stack has no row yet. */
export async function readSummary(kube: KubePrograms, stack: StackView): Promise<StackSummary | undefined> {
  const id = `${stack.metadata.name}-${stack.metadata.uid.slice(0, 8)}`;
  const sql = `SELECT row_to_json(s) FROM trading.summary s WHERE s.stack = '${id}'`;
  const psql = ['psql', '-h', '/run/postgres', '-U', 'postgres', '-d', 'trading_ecosystem', '-qAtX', '-c', sql];
  const inPod = ['-n', sampleStack.namespace, 'exec', 'postgres-0', '-c', 'postgres', '--'];
  const output = await kube.kubectl([...inPod, ...psql]);
  return output.trim() === '' ? undefined : summarySchema.parse(JSON.parse(output));
}

/**
 * The summary as a person reads it. Profit is realised and unrealised together, in the quote asset of each symbol. Fees
 * in a third asset are beside it, because no profit contains them.
 */
export function renderSummary(summary: StackSummary): string {
  const positions = summary.positions.map(({ symbol, currency, quantity, mark, realised, unrealised }) => {
    const profit = add(parseDecimal(realised), unrealised === null ? ZERO : parseDecimal(unrealised));
    const parts = `realised ${realised}, unrealised ${unrealised ?? 'unknown'}`;
    return `position    ${quantity} ${symbol} at mark ${mark ?? 'unknown'}\nP&L         ${formatDecimal(profit)} ${currency} (${parts})`;
  });
  const amountsOf = (amounts: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(amounts).map(([asset, amount]) => `${amount} ${asset}`);
  const fees = amountsOf(summary.third_asset_fees).join(' and ');
  return [
    `orders      ${summary.orders}, ${summary.orders_filled} of them filled`,
    `fills       ${summary.fills}`,
    ...positions,
    ...(fees === '' ? [] : [`fees        ${fees}, which no P&L above contains`]),
    `balances    ${amountsOf(summary.balances).join(', ') || 'none yet'}`,
  ].join('\n');
}
