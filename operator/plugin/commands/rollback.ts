import { ROLLBACK_ANNOTATION } from '../../api/v1alpha1/labels.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { ReleaseStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { releaseNamed } from '../../controllers/trading-stack/rollout/requested-release.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { valueOf, type Call, type Command } from '../call/command.ts';
import { PluginError } from '../call/plugin-error.ts';
import { annotate } from '../cluster/annotate.ts';
import { readStack } from '../cluster/read-stack.ts';
import type { Session } from '../session.ts';
import { since } from '../view/age.ts';

export const rollback: Command = {
  name: 'rollback',
  summary: 'Run an earlier release again: the last one that did not fail, or one of the history.',
  description:
    'Sets the annotation tradingstack.dev/rollback-to. The release runs, from its record, for as long as the\n' +
    'annotation is there, whatever the spec describes. A release that is not in the history, or that runs already,\n' +
    'is refused. Its image must still be there: if it is not, "why" explains it. Exit code 0 if it is requested,\n' +
    '1 if it runs already.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [
    {
      name: 'to',
      value: 'HASH',
      help: 'Release of status.release.history, or its first characters. Default: the last one that did not fail.',
    },
  ],
  examples: ['rollback -n trading', 'rollback -n trading demo --to 48bb6c0d'],
  run,
};

async function run(call: Call, { open, terminal, clock }: Session): Promise<ExitCode> {
  const cluster = open(call.flags);
  const stack = await readStack(cluster, call.argument);
  const { name } = stack.metadata;
  const { release = { desired: '' } } = readStatus(stack.status);
  const nowMs = clock.nowMs();
  const wanted = chosenRelease(valueOf(call, 'to'), { name, release, nowMs });
  const requested = stack.metadata.annotations?.[ROLLBACK_ANNOTATION];
  if (release.target === wanted || requested === wanted) {
    const is = release.current === wanted ? 'runs already' : 'is being rolled out already';
    const text = `Nothing was requested: release ${wanted} of ${name} ${is}.`;
    terminal.note([text, 'Name another one with --to:', ...historyLines(release, nowMs)].join('\n'));
    return EXIT.notAsWanted;
  }
  await annotate(cluster, stack, [ROLLBACK_ANNOTATION, wanted]);
  const { namespace } = cluster;
  terminal.out(
    [
      `Requested: ${name} goes back to release ${describe(wanted, release)}.`,
      `To see how: kubectl tradingstack plan -n ${namespace} ${name}, and kubectl tradingstack why -n ${namespace} ${name}`,
      `To roll out the spec again: kubectl annotate tradingstack -n ${namespace} ${name} ${ROLLBACK_ANNOTATION}-`,
    ].join('\n'),
  );
  return EXIT.ok;
}

interface Choice {
  readonly name: string;
  readonly release: ReleaseStatus;
  readonly nowMs: number;
}

/** Throws PluginError `NotFound` for a release that is not in the history. */
function chosenRelease(given: string | undefined, { name, release, nowMs }: Choice): string {
  const { history = [], lastGood } = release;
  const known = ['; the history has', ...historyLines(release, nowMs)].join('\n');
  const isRunning = lastGood !== undefined && lastGood === release.target;
  const text = given ?? (isRunning ? before(release) : undefined) ?? lastGood;
  if (text === undefined) throw new PluginError('NotFound', `no release of ${name} has run in all tiers yet${known}`);
  const wanted = releaseNamed(text, history);
  if (wanted !== undefined) return wanted;
  const isSeveral = history.some(({ release: hash }) => hash.startsWith(text));
  const problem = isSeveral
    ? `several releases of ${name} begin with ${text}`
    : `${name} has no release ${text} on record`;
  throw new PluginError('NotFound', `${problem}${known}`);
}

/** The newest other release that was not given up: one that failed is followed by the rollback from it. */
function before({ history = [], target, failed }: ReleaseStatus): string | undefined {
  return history.find(
    ({ release }, index) =>
      release !== target && release !== failed?.release && history[index - 1]?.reason !== 'RolledBack',
  )?.release;
}

function historyLines({ history = [], target, lastGood }: ReleaseStatus, nowMs: number): readonly string[] {
  if (history.length === 0) return ['  nothing'];
  return history.map(({ release, version, since: from, reason }) => {
    const marks = [...(release === target ? ['runs'] : []), ...(release === lastGood ? ['last good'] : [])];
    const marked = marks.length === 0 ? '' : `  (${marks.join(', ')})`;
    return `  ${release}  ${version}  ${reason} ${since(from, nowMs)} ago${marked}`;
  });
}

function describe(hash: string, { history = [] }: ReleaseStatus): string {
  const version = history.find(({ release }) => release === hash)?.version;
  return version === undefined ? hash : `${hash} (version ${version})`;
}
