import { EXIT } from '../call/exit-code.ts';
import { isGiven, valueOf, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { wholeNumber } from '../call/values.ts';
import { readPods } from '../cluster/read-pods.ts';
import { readStack } from '../cluster/read-stack.ts';
import { ALL_ORDERS, LIVE_ORDERS, type RecordedOrder } from '../record/orders-query.ts';
import { queryRecord, type RecordAccess } from '../record/query-record.ts';
import type { Session } from '../session.ts';
import { documentText } from '../text/document.ts';
import { table } from '../text/layout.ts';
import { since } from '../view/age.ts';
import { senderStatus } from '../view/statuses.ts';

export const orders: Command = {
  name: 'orders',
  summary: 'List the open orders of a stack, or all of them, from the record.',
  description:
    'Lists the orders of the record that have not ended, the newest first. Only Postgres has them, so this runs\n' +
    'psql in the pod of charts/platform, read-only, and needs kubectl on the PATH and the right to create pods/exec.\n' +
    'Exit code 0 if they were read, also if there are none; 3 without that right, with the number that execution\n' +
    'reports; 4 if the database is not that of charts/platform; 5 if psql or the database does not answer.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [
    OUTPUT,
    { name: 'all', help: 'Those that have ended too.' },
    { name: 'limit', value: 'NUMBER', help: 'The newest so many. Default: 50.' },
  ],
  examples: ['orders -n trading', 'orders -n trading --all --limit 200', 'orders -n trading -o json'],
  run: async (call, session) => {
    const { terminal, clock, runProgram } = session;
    const limit = wholeNumber(call, 'limit', { min: 1, max: 10_000, fallback: 50 });
    const cluster = session.open(call.flags);
    const access = { cluster, stack: await readStack(cluster, call.argument), runProgram };
    const query = isGiven(call, 'all') ? ALL_ORDERS : LIVE_ORDERS;
    const found = await queryRecord(query, limit, access).catch(async (error: unknown) => {
      await noteCounts(access, session);
      throw error;
    });
    const format = valueOf(call, 'output');
    if (format !== undefined) terminal.out(documentText(found, format));
    else if (found.length === 0) terminal.out(isGiven(call, 'all') ? 'No orders yet.' : 'No open orders.');
    else terminal.out(ordersTable(found, clock.nowMs()));
    if (found.length === limit) terminal.note(`These are the newest ${limit}; --limit shows more.`);
    return EXIT.ok;
  },
};

function ordersTable(found: readonly RecordedOrder[], nowMs: number): string {
  const header = ['AGE', 'STRATEGY', 'SYMBOL', 'SIDE', 'STATE', 'QUANTITY', 'FILLED', 'PRICE', 'ORDER', 'REASON'];
  const rows = found.map((each) => [
    since(each.intendedAt, nowMs),
    each.strategy,
    each.symbol,
    each.side,
    each.state,
    each.quantity,
    each.filled,
    each.price ?? 'market',
    each.order,
    each.reason ?? '',
  ]);
  return table(header, rows);
}

/** What needs no database: the counts of the process that sends. */
async function noteCounts({ cluster, stack }: RecordAccess, { terminal, clock }: Session): Promise<void> {
  const pods = await readPods(cluster, stack.metadata.name, clock.nowMs());
  const status = senderStatus(pods);
  if (status === undefined) return;
  const { figures } = status;
  const count = (name: string): string => String(figures[name] ?? 'unknown');
  terminal.note(
    `execution reports ${count('openOrders')} open orders, ${count('unknownOrders')} with an unknown outcome, ` +
      `${count('orders')} in all. The list is missing:`,
  );
}
