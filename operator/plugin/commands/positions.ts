import type { ExitsStatus, Statusz } from '../../../services/shared/contracts/statusz.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, valueOf, type Call, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { readPods } from '../cluster/read-pods.ts';
import { readStack, type StoredStack } from '../cluster/read-stack.ts';
import { POSITIONS } from '../record/positions-query.ts';
import { queryRecord } from '../record/query-record.ts';
import type { Session } from '../session.ts';
import { documentText } from '../text/document.ts';
import { closingLine, stayingLine } from '../text/exit-lines.ts';
import { table, wrap } from '../text/layout.ts';
import { since } from '../view/age.ts';
import { dustIn, exitsIn } from '../view/exits.ts';
import { missingOf, type Part } from '../view/part.ts';
import type { PodView } from '../view/pod-view.ts';
import { positionsIn, senderStatus, statusesOf, thirdAssetFeesIn } from '../view/statuses.ts';

export const positions: Command = {
  name: 'positions',
  summary: 'Show what a stack holds, its profit, and the positions that should be closed.',
  description:
    'Shows the position of each pair as execution reports it now, and the value of the account as risk does. This\n' +
    'needs the right to get pods/proxy, and no access to the database. --by-strategy asks the record instead, with\n' +
    'psql in the pod of charts/platform, which needs kubectl on the PATH and the right to create pods/exec.\n' +
    'Exit code 0 if they were read, also if there are none; 3 without the right; 4 if --by-strategy finds no database\n' +
    'of charts/platform; 5 if the process or the database does not answer.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [OUTPUT, { name: 'by-strategy', help: 'The position of each strategy, from the record.' }],
  examples: ['positions -n trading', 'positions -n trading --by-strategy', 'positions -n trading -o json'],
  run: async (call, session) => {
    const cluster = session.open(call.flags);
    const stack = await readStack(cluster, call.argument);
    const show = isGiven(call, 'by-strategy') ? showRecorded : showReported;
    return await show(call, session, { cluster, stack });
  },
};

interface Place {
  readonly cluster: Cluster;
  readonly stack: StoredStack;
}

const POSITIONS_MAX = 1_000;

async function showRecorded(call: Call, { terminal, clock, runProgram }: Session, place: Place): Promise<ExitCode> {
  const found = await queryRecord(POSITIONS, POSITIONS_MAX, { ...place, runProgram });
  const format = valueOf(call, 'output');
  if (format !== undefined) {
    terminal.out(documentText(found, format));
    return EXIT.ok;
  }
  const header = ['SYMBOL', 'STRATEGY', 'QUANTITY', 'COST', 'REALISED', 'CHANGED'];
  const nowMs = clock.nowMs();
  const rows = found.map((each) => [
    each.symbol,
    each.strategy,
    each.quantity,
    each.cost,
    each.realised,
    `${since(each.updatedAt, nowMs)} ago`,
  ]);
  terminal.out(rows.length === 0 ? 'No positions yet.' : table(header, rows));
  return EXIT.ok;
}

async function showReported(call: Call, { terminal, clock }: Session, { cluster, stack }: Place): Promise<ExitCode> {
  const pods = await readPods(cluster, stack.metadata.name, clock.nowMs());
  const sender = senderStatus(pods);
  if (sender === undefined) throw noAnswer(pods);
  const account = statusesOf(pods).find(({ breakers }) => breakers !== undefined);
  const exits = exitsIn(pods);
  const format = valueOf(call, 'output');
  if (format === undefined) {
    terminal.out(positionsText({ sender, risk: account, exits }, terminal.columns));
  } else {
    const facts = { account: account?.breakers ?? null, leaving: exits.known ? exits.value.positions : null };
    const held = { positions: positionsIn(sender), thirdAssetFees: thirdAssetFeesIn(sender) };
    terminal.out(documentText({ ...held, ...facts }, format));
  }
  return EXIT.ok;
}

function noAnswer(pods: Part<readonly PodView[]>): PluginError {
  const statuses = pods.known ? pods.value.flatMap(({ statusz }) => statusz ?? []) : [pods];
  const isForbidden = statuses.some((part) => !part.known && part.forbidden);
  const [why = 'no process of execution runs'] = missingOf(statuses);
  return new PluginError(
    isForbidden ? 'Forbidden' : 'Unavailable',
    `${why}. The record may have it: see --by-strategy`,
  );
}

function positionsText(
  {
    sender,
    risk,
    exits,
  }: { readonly sender: Statusz; readonly risk: Statusz | undefined; readonly exits: Part<ExitsStatus> },
  columns: number,
): string {
  const found = positionsIn(sender);
  const fees = thirdAssetFeesIn(sender);
  const rows = found.map(({ symbol, quantity, realised, unrealised }) => [symbol, quantity, realised, unrealised]);
  const lines = exitTexts(exits).map((text) => wrap(text, columns, { indent: 2, first: 0 }));
  return [
    rows.length === 0 ? 'No positions.' : table(['SYMBOL', 'QUANTITY', 'REALISED', 'UNREALISED'], rows),
    '',
    ...(fees.length === 0
      ? []
      : [wrap(`Fees, not in the profit: ${fees.join(', ')}.`, columns, { indent: 2, first: 0 })]),
    accountLine(risk),
    ...lines,
  ].join('\n');
}

function exitTexts(exits: Part<ExitsStatus>): readonly string[] {
  if (!exits.known) return [`Positions that should be closed: unknown, ${exits.why}.`];
  const { positions: listed, openPositions, dustPositions } = exits.value;
  const more = openPositions + dustPositions - listed.length;
  return [
    ...listed.slice(0, openPositions).map(closingLine),
    ...dustIn(exits.value).map(stayingLine),
    ...(more > 0 ? [`${more} more should be closed.`] : []),
  ];
}

function accountLine(risk: Statusz | undefined): string {
  const account = risk?.breakers ?? undefined;
  if (account === undefined) return 'Account: unknown, risk does not report it.';
  const { equity, currency, dayProfit, peak, problem } = account;
  if (equity === null) return `Account: unknown${problem === '' ? '' : `: ${problem}`}.`;
  const unit = currency ?? '';
  return `Account: ${equity} ${unit}, today ${dayProfit ?? 'unknown'} ${unit}, peak ${peak ?? 'unknown'} ${unit}.`;
}
