import { EXIT } from '../call/exit-code.ts';
import { valueOf, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { wholeNumber } from '../call/values.ts';
import { readStack } from '../cluster/read-stack.ts';
import { LEDGER, type RecordedLedger } from '../record/ledger-query.ts';
import { queryRecord } from '../record/query-record.ts';
import { documentText } from '../text/document.ts';
import { table } from '../text/layout.ts';
import type { Style } from '../text/style.ts';
import { since } from '../view/age.ts';

export const ledger: Command = {
  name: 'ledger',
  summary: 'Show balances, profit and the newest postings of the ledger, from the record.',
  description:
    'Shows what the ledger holds of each asset beside what the venue last reported, the profit of each pair, and the\n' +
    'newest postings. Only Postgres has them, so this runs psql in the pod of charts/platform, read-only, and needs\n' +
    'kubectl on the PATH and the right to create pods/exec. "positions" needs neither. Exit code 0 if it was read;\n' +
    '3 without that right; 4 if the database is not that of charts/platform; 5 if psql or it does not answer.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [OUTPUT, { name: 'limit', value: 'NUMBER', help: 'The newest so many postings. Default: 12.' }],
  examples: ['ledger -n trading', 'ledger -n trading --limit 100 -o yaml'],
  run: async (call, { terminal, clock, runProgram, open }) => {
    const limit = wholeNumber(call, 'limit', { min: 1, max: 10_000, fallback: 12 });
    const cluster = open(call.flags);
    const stack = await readStack(cluster, call.argument);
    const found = await queryRecord(LEDGER, limit, { cluster, stack, runProgram });
    const format = valueOf(call, 'output');
    terminal.out(format === undefined ? ledgerText(found, clock.nowMs(), terminal.style) : documentText(found, format));
    return EXIT.ok;
  },
};

function ledgerText({ summary, balances, postings }: RecordedLedger, nowMs: number, style: Style): string {
  const sections: readonly (readonly [string, string])[] = [
    ['BALANCES', balancesTable(balances, nowMs)],
    ...(summary === null ? [] : ([['PROFIT', profitText(summary)]] as const)),
    ['POSTINGS', postings.length === 0 ? 'none yet' : postingsTable(postings, nowMs)],
  ];
  return sections.map(([title, text]) => `${style.bold(title)}\n${text}`).join('\n\n');
}

function balancesTable(balances: RecordedLedger['balances'], nowMs: number): string {
  if (balances.length === 0) return 'none yet';
  const rows = balances.map(({ asset, ledger: booked, venue, difference, reconciledAt, tradedSince }) => [
    asset,
    booked,
    venue ?? 'unknown',
    reconciledAt === null ? 'never' : `${since(reconciledAt, nowMs)} ago`,
    tradedSince ? TRADED_SINCE : (difference ?? 'unknown'),
  ]);
  const text = table(['ASSET', 'LEDGER', 'VENUE', 'VENUE READ', 'DIFFERENCE'], rows);
  return balances.some(({ tradedSince }) => tradedSince) ? `${text}\n${TRADED_NOTE}` : text;
}

const TRADED_SINCE = 'traded since';
const TRADED_NOTE =
  'traded since: the ledger was posted to after the balance of the venue was read, so the two cannot be compared.\n' +
  'Repeat the command. The check "ledger" of execution says whether they differ.';

function profitText({
  orders,
  orders_filled: filled,
  fills,
  positions,
  third_asset_fees: fees,
}: NonNullable<RecordedLedger['summary']>): string {
  const rows = positions.map(({ symbol, currency, quantity, mark, realised, unrealised }) => [
    symbol,
    quantity,
    mark ?? 'unknown',
    `${realised} ${currency}`,
    unrealised === null ? 'unknown' : `${unrealised} ${currency}`,
  ]);
  const others = Object.entries(fees).map(([asset, amount]) => `${amount} ${asset}`);
  return [
    ...(rows.length === 0 ? [] : [table(['SYMBOL', 'QUANTITY', 'MARK', 'REALISED', 'UNREALISED'], rows)]),
    `${orders} orders, ${filled} of them filled; ${fills} fills`,
    ...(others.length === 0 ? [] : [`fees that no profit contains: ${others.join(', ')}`]),
  ].join('\n');
}

function postingsTable(postings: RecordedLedger['postings'], nowMs: number): string {
  const rows = postings.map(({ event, account, asset, amount, at }) => [
    since(at, nowMs),
    account,
    asset,
    amount,
    event,
  ]);
  return table(['AGE', 'ACCOUNT', 'ASSET', 'AMOUNT', 'EVENT'], rows);
}
