import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { SourceStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, type Call, type Command } from '../call/command.ts';
import { PluginError } from '../call/plugin-error.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { followStatus, type Seen } from '../cluster/follow-status.ts';
import { readStack, type StoredStack } from '../cluster/read-stack.ts';
import { replaceRequest, shownOf } from '../cluster/request-state.ts';
import type { Session } from '../session.ts';
import { recordedRequest, resumeProgress, type Progress } from '../view/request-progress.ts';
import { restrictionsOf } from '../view/restrictions.ts';
import { checkedRequest, REQUEST_FLAGS, signedReason, type GivenRequest } from './halt.ts';

export const resume: Command = {
  name: 'resume',
  summary: 'Lift the halt that "halt" requested, and say what else keeps the stack from trading.',
  description:
    'Requests the trading state Active by annotation. It lifts what the annotation asks for, whoever set it, and\n' +
    'nothing else: a source is lifted only by itself. Those that remain are listed with what lifts each. A halt\n' +
    'that somebody sets meanwhile is not lifted. Exit code 0 if the stack trades, 1 if it stays restricted.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: REQUEST_FLAGS,
  examples: ["resume -n trading --reason 'venue is back'", 'resume -n trading demo --author ada'],
  run,
};

async function run(call: Call, session: Session): Promise<ExitCode> {
  const given = checkedRequest(call);
  const cluster = session.open(call.flags);
  const stack = await readStack(cluster, call.argument);
  const { name } = stack.metadata;
  const place = { name, namespace: cluster.namespace, status: readStatus(stack.status), nowMs: session.clock.nowMs() };
  const own = restrictionsOf(place).find(({ source }) => source.source === 'annotation');
  const { state = 'Active', reason = 'no reason' } = shownOf(stack);
  if (own === undefined && state === 'Active') {
    session.terminal.out('The annotation asks for nothing: there is nothing that this command lifts.');
  } else {
    session.terminal.out(`Lifting: ${own?.line ?? `annotation asks for ${state}: ${reason}`}`);
    await lift(stack, own?.source, { cluster, given, session });
    if (isGiven(call, 'no-wait')) return EXIT.ok;
  }
  return await report(name, given, { cluster, session });
}

interface Lifting {
  readonly cluster: Cluster;
  readonly given: GivenRequest;
  readonly session: Session;
}

/**
 * A lift counts only if this program has set the annotation. If it shows Active already, or the operator has not seen
 * it show the request since a restore, it must show the request first, as docs/runbook.md describes.
 */
async function lift(stack: StoredStack, own: SourceStatus | undefined, lifting: Lifting): Promise<void> {
  const { cluster, given } = lifting;
  const reason = await signedReason(cluster, given, 'resumed');
  const isHidden = own !== undefined && (own.unshown === true || shownOf(stack).state === 'Active');
  const visible = isHidden ? await show(stack, own, lifting) : stack;
  await replaceRequest(cluster, visible, { state: 'Active', reason });
}

async function show(stack: StoredStack, { state, reason }: SourceStatus, lifting: Lifting): Promise<StoredStack> {
  const { cluster, given, session } = lifting;
  const { name } = stack.metadata;
  session.terminal.note(`The annotation does not show ${state}, so it is set to it first; that lifts no restriction.`);
  const shown = shownOf(stack).state === state ? stack : await replaceRequest(cluster, stack, { state, reason });
  const judge = ({ status }: Seen): Progress =>
    recordedRequest(status)?.unshown === true || status.trading?.ignored !== undefined
      ? { kind: 'Waiting', line: 'the operator has not seen the annotation yet', heard: false }
      : { kind: 'Done', line: '' };
  const { progress } = await followStatus(cluster, { name, timeoutMs: given.timeoutMs, judge, urgent: false }, session);
  if (progress.kind === 'Done') return shown;
  throw new PluginError('Unavailable', `${progress.line}; the stack stays ${state}. Repeat the command`);
}

async function report(
  name: string,
  given: GivenRequest,
  { cluster, session }: Omit<Lifting, 'given'>,
): Promise<ExitCode> {
  const { terminal } = session;
  const following = { name, timeoutMs: given.timeoutMs, judge: resumeProgress, urgent: false };
  const { progress, seen } = await followStatus(cluster, following, session);
  if (progress.kind === 'Waiting' || seen === undefined) {
    terminal.note(terminal.style.bad(`Not confirmed within ${given.timeoutMs / 1_000} s: ${progress.line}.`));
    return EXIT.notAsWanted;
  }
  const remaining = restrictionsOf(seen);
  terminal.out(remaining.length === 0 ? terminal.style.good(progress.line) : terminal.style.warn(progress.line));
  for (const { line, lift: how } of remaining) terminal.out(`  ${line}\n    lifted by ${how}`);
  return remaining.length === 0 ? EXIT.ok : EXIT.notAsWanted;
}
