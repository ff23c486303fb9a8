import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import { isGiven, valueOf, type Call, type Command } from '../call/command.ts';
import { OUTPUT } from '../call/flags.ts';
import { PluginError } from '../call/plugin-error.ts';
import { dryRun } from '../change/dry-run.ts';
import { foreseeChange } from '../change/foresee-change.ts';
import { readManifest, type Manifest } from '../change/read-manifest.ts';
import { attempt } from '../cluster/attempt.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { observedStatus } from '../cluster/observed-status.ts';
import { readStack } from '../cluster/read-stack.ts';
import type { Session, Terminal } from '../session.ts';
import { changeText } from '../text/change-text.ts';
import { documentText } from '../text/document.ts';
import { planLines } from '../text/plan-lines.ts';
import { isObserved, type StackReport } from '../view/stack-report.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'Show the steps under way, or with -f what a change of the stack would do. Writes nothing.',
  description:
    'Shows status.plan: the steps that the present spec causes, in order, and what each waits for.\n' +
    'With -f the API server validates the file in a dry run, as kubectl apply would send it, and the steps that\n' +
    'it would cause are shown with each object, its changed fields, and the gap to expect from a swap of the\n' +
    'sender. What it cannot know is named. Exit code, as of kubectl diff: 0 no change or no step, 1 a change or\n' +
    'steps, 2 and higher an error; 2 also if the API server refuses the file.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [
    { name: 'filename', short: 'f', value: 'FILE', help: 'File with the changed stack; - for standard input.' },
    { name: 'server-side', help: 'Foresee kubectl apply --server-side instead of kubectl apply.' },
    { name: 'field-manager', value: 'NAME', help: 'Field manager with --server-side. Default: kubectl.' },
    OUTPUT,
  ],
  examples: ['plan -n trading', 'plan -f stack.yaml', 'plan -f stack.yaml -o json'],
  run: async (call, session) => {
    const file = valueOf(call, 'filename');
    return file === undefined ? await showPlan(call, session) : await showChange(call, file, session);
  },
};

async function showPlan(call: Call, session: Session): Promise<ExitCode> {
  const unused = ['server-side', 'field-manager'].find((flag) => isGiven(call, flag));
  if (unused !== undefined) throw new PluginError('Usage', `--${unused} needs --filename`);
  const { terminal, clock } = session;
  const stack = await readStack(session.open(call.flags), call.argument);
  const status = readStatus(stack.status);
  const nowMs = clock.nowMs();
  terminal.out(planText(stack.metadata.name, { status, nowMs }, { format: valueOf(call, 'output'), terminal }));
  return observedStatus(stack, nowMs).plan.length === 0 ? EXIT.ok : EXIT.notAsWanted;
}

interface Layout {
  readonly format: string | undefined;
  readonly terminal: Terminal;
}

function planText(name: string, seen: Pick<StackReport, 'status' | 'nowMs'>, { format, terminal }: Layout): string {
  const { plan: steps, observedAt = null } = seen.status;
  const isPresent = isObserved(seen);
  if (format !== undefined)
    return documentText({ name, observedAt, isObserved: isPresent, plan: steps ?? null }, format);
  if (steps === undefined) return 'The steps are unknown.';
  if (steps.length > 0) return planLines(steps, terminal).join('\n');
  return isPresent
    ? `Nothing to do: ${name} is as its spec asks for.`
    : 'No steps were left when the stack was observed.';
}

async function showChange(call: Call, file: string, session: Session): Promise<ExitCode> {
  const { terminal, clock } = session;
  const manager = valueOf(call, 'field-manager');
  const isServerSide = isGiven(call, 'server-side');
  if (manager !== undefined && !isServerSide) throw new PluginError('Usage', '--field-manager needs --server-side');
  const manifest = await readManifest(file);
  checkNames(call, file, manifest);
  const opened = session.open(call.flags);
  const cluster = { ...opened, namespace: manifest.metadata.namespace ?? opened.namespace };
  const run = await dryRun(cluster, manifest, { serverSideAs: isServerSide ? (manager ?? 'kubectl') : undefined });
  const others = run.present === undefined ? await otherStacks(cluster, manifest) : undefined;
  const change = foreseeChange(run, { nowMs: clock.nowMs(), others });
  const format = valueOf(call, 'output');
  terminal.out(format === undefined ? changeText(change, terminal) : documentText(change, format));
  return change.result === 'Unchanged' ? EXIT.ok : EXIT.notAsWanted;
}

function checkNames(call: Call, file: string, { metadata }: Manifest): void {
  const namespace = valueOf(call, 'namespace');
  if (namespace !== undefined && metadata.namespace !== undefined && namespace !== metadata.namespace)
    throw new PluginError('Usage', `--namespace is ${namespace}, and ${file} has namespace ${metadata.namespace}`);
  if (call.argument !== undefined && call.argument !== metadata.name)
    throw new PluginError('Usage', `STACK is ${call.argument}, and ${file} has the stack ${metadata.name}`);
}

/** A namespace has one stack: another one would wait for ever. */
async function otherStacks({ client, namespace }: Cluster, manifest: Manifest): Promise<readonly string[] | undefined> {
  const listed = await attempt(
    { verb: 'list', what: 'tradingstacks', where: `in namespace ${namespace}` },
    client.list(tradingStacks, { namespace }),
  );
  if (!listed.known) return undefined;
  return listed.value.items.map(({ metadata }) => metadata.name).filter((name) => name !== manifest.metadata.name);
}
