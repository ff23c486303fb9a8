import type { TradingStateResponse } from '../../shared/contracts/control.ts';
import { isMoreRestrictive, type SourceState, type TradingState } from '../../shared/domain/trading-state.ts';
import type { Answer } from './control-client.ts';

/** The source of every request of this program. */
export const COMMAND = 'command';

/** Remedy where this program cannot help. */
export const WITHOUT =
  'Insert a row into trading.halts instead: see "Stop trading without the operator" in docs/runbook.md.';

export const RESUME = 'Resume with: node /app/halt.mjs --resume';

/** After a request for Flattening, which takes longer than this program runs. */
export const SELLING =
  'The sale goes on without this program. Follow it with: kubectl tradingstack positions -n NAMESPACE\n' +
  'Withdraw it with: node /app/halt.mjs --resume';

/** After a request for Flattening that risk, which reads Postgres, does not have. */
export const NOT_SELLING =
  'No position is sold while Postgres is unavailable. The sale begins once the request is saved.\n' +
  'Withdraw it with: node /app/halt.mjs --resume';

/** After a resume that only the halt of risk delays. */
export const LIFTED_BY_RISK = 'The stack is still Halted by the source flatten. Risk lifts it within seconds.';

/** Remedy for a halt that the venue has not confirmed. */
export const UNCONFIRMED =
  'The halt applies, and cancellations are repeated each second. Run this again to wait longer. If the venue does not ' +
  "answer, see the log of this pod, and cancel the orders on the venue's own page.";

const EFFECTS: Readonly<Record<TradingState, string>> = {
  Halted: 'No order is sent any more; resting orders are being cancelled.',
  Flattening: 'Only sells are sent, and risk sells every position; resting buys are being cancelled. A halt follows.',
  Reducing: 'Only sells are sent; resting buys are being cancelled.',
  Active: 'Orders are sent as risk approves them.',
};

/** Lines about a command that the process applied: what applies now, where it is kept, and who else restricts. */
export function describeApplied(state: TradingState, now: TradingStateResponse): readonly string[] {
  const others = now.sources.filter((source) => source.source !== COMMAND && source.state !== 'Active');
  return [
    `Applied: source ${COMMAND} asks for ${state}. The trading state is ${now.state}.${effectOf(state, now)}`,
    describeKept(now),
    ...others.map((source) => `Also requested: ${describeSource(source)}`),
  ];
}

/** What the trading state does, without a promise that risk cannot keep, or that it is about to end. */
function effectOf(requested: TradingState, now: TradingStateResponse): string {
  if (isLiftedByRisk(requested, now)) return '';
  return ` ${now.state === 'Flattening' && !now.persisted ? EFFECTS.Reducing : EFFECTS[now.state]}`;
}

/** Where a command is kept, and what would lose it. */
function describeKept({ persisted, journaled = false }: TradingStateResponse): string {
  if (persisted) return 'Saved in Postgres: other processes follow.';
  return journaled
    ? 'Not saved in Postgres yet. The disk of this pod has it, also after a restart of the process, and it is saved when Postgres is available. Do not delete the pod before.'
    : 'Not saved in Postgres yet, nor on the disk of this pod: only the process has it. Do not restart the process or delete the pod before Postgres is available.';
}

/** Why a command was not applied, and what to do. */
export function describeRefusal(answer: Exclude<Answer, { readonly kind: 'Applied' }>, url: string): string {
  if (answer.kind === 'Silent')
    return [
      `No answer from ${url}: ${answer.message}. Whether the request was applied is unknown.`,
      'If the process does not run, it sends nothing; if another pod of execution runs, repeat this there.',
      `Else the process is stuck: delete its pod. ${WITHOUT}`,
    ].join('\n');
  const { status, message } = answer;
  return `Refused with HTTP ${status}: ${message}\n${REMEDIES[status] ?? WITHOUT}`;
}

const REMEDIES: Readonly<Record<number, string>> = {
  401: `The Secret tradingstack-control has just changed, and the process reads another value: repeat this. ${WITHOUT}`,
  409:
    'The revision is the time of this node, and its clock is behind that of the last command. Repeat this when it has ' +
    `caught up. ${WITHOUT}`,
};

/** Who still restricts a stack after a request that would allow more. */
export function stillRestricted({ state, sources }: TradingStateResponse): string {
  const by = sources.filter((source) => source.state === state);
  if (by.length === 0)
    return `The process stays ${state}: it has not read the record yet, and sends no entries until Postgres is available.`;
  const named = by.map(describeSource).join('; ');
  return `The stack stays ${state}: ${named}.\nA source is lifted only by itself: see "Stop trading now" in docs/runbook.md.`;
}

/**
 * Whether only the halt after a sale restricts a stack beyond what was requested. Risk lifts its own halt in its next
 * pass, once Postgres shows that no source requests Flattening.
 */
export function isLiftedByRisk(requested: TradingState, { sources, persisted }: TradingStateResponse): boolean {
  if (!persisted || sources.some(({ state }) => state === 'Flattening')) return false;
  const restricting = sources.filter(({ state }) => isMoreRestrictive(state, requested));
  return restricting.length > 0 && restricting.every(isAfterSale);
}

/** What to say of a request for Flattening when the sale has ended already; undefined if it has not. */
export function soldAlready({ sources }: TradingStateResponse): string | undefined {
  const halts = sources.filter(({ state }) => state === 'Halted');
  const [halt] = halts;
  if (halt === undefined || !halts.every(isAfterSale)) return undefined;
  // The operator withdraws its own, once the swap that it sells for is over.
  const others = sources.filter((each) => each.source !== COMMAND && each.state === 'Flattening' && !isSwap(each));
  const withdraw = [
    'node /app/halt.mjs --resume',
    ...others.map(({ source }) => `and what "kubectl tradingstack why" names for the source ${source}`),
  ];
  return `Sold already: ${describeSource(halt)}.\nTo trade again: ${withdraw.join(', ')}`;
}

function isSwap({ source, author }: SourceState): boolean {
  return source === 'swap' && author === 'operator';
}

/** Whether a source is the halt that follows a sale. A person may have inserted a row of the same name. */
function isAfterSale({ source, author }: SourceState): boolean {
  return source === 'flatten' && author === 'risk';
}

function describeSource({ source, state, author, reason, sinceMs }: SourceState): string {
  const who = author === '' ? '' : ` by ${author}`;
  const why = reason === '' ? '' : `: ${reason}`;
  return `${source} ${state} since ${new Date(sinceMs).toISOString()}${who}${why}`;
}
