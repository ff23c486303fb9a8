import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import { RETRY_ANNOTATION, ROLLBACK_ANNOTATION, SERVICE_LABEL, STACK_LABEL } from '../../api/v1alpha1/labels.ts';
import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { jobs, pods } from '../../kube/client/builtin-resources.ts';
import { EXIT, type ExitCode } from '../call/exit-code.ts';
import type { Call, Command } from '../call/command.ts';
import { annotate } from '../cluster/annotate.ts';
import { knownOr, required } from '../cluster/attempt.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { listPods } from '../cluster/read-pods.ts';
import { readStack, type StoredStack } from '../cluster/read-stack.ts';
import type { Session, Terminal } from '../session.ts';
import { podFactsOf, type PodFacts } from '../view/pod-view.ts';

export const retry: Command = {
  name: 'retry',
  summary: 'Try again at once what was given up or waits: a failed release, failed Jobs, pods in back-off.',
  description:
    'Sets the annotation tradingstack.dev/retry if a release has failed, so that it is rolled out once more. Deletes\n' +
    'the failed Jobs of a stack, which the operator creates again, and pods that wait in a back-off, which their\n' +
    'Deployment creates again. Everything else the operator tries again by itself. A pod of risk or execution that\n' +
    'has run is left alone: its disk may hold a halt that the database does not have.\n' +
    'Exit code 0 if something was tried again or no retry is needed, 1 if there is only what is left alone.',
  argument: { kind: 'stack', name: 'STACK' },
  flags: [],
  examples: ['retry -n trading', 'retry -n trading demo'],
  run,
};

async function run(call: Call, session: Session): Promise<ExitCode> {
  const cluster = session.open(call.flags);
  const stack = await readStack(cluster, call.argument);
  const { name } = stack.metadata;
  const { terminal } = session;
  const release = await retryRelease(cluster, stack, session);
  const jobCount = await retryJobs(cluster, name, terminal);
  const listed = knownOr(await listPods(cluster, name));
  const waiting = listed.map((pod) => podFactsOf(pod, session.clock.nowMs())).filter(waitsInBackOff);
  const kept = waiting.filter(mayHoldHalt);
  for (const pod of waiting) await (kept.includes(pod) ? leave(pod, terminal) : deletePod(cluster, pod, terminal));
  const tried = release.tried + jobCount + waiting.length - kept.length;
  const left = release.left + kept.length;
  if (tried + left === 0)
    terminal.out(
      'No release or Job has failed, and no pod waits in a back-off. The operator tries everything else by itself: see ' +
        `kubectl tradingstack why -n ${cluster.namespace} ${name}.`,
    );
  return tried === 0 && left > 0 ? EXIT.notAsWanted : EXIT.ok;
}

/** Releases that are tried again, and that are left alone. */
interface Retried {
  readonly tried: number;
  readonly left: number;
}

async function retryRelease(cluster: Cluster, stack: StoredStack, { terminal, clock }: Session): Promise<Retried> {
  const { failed } = readStatus(stack.status).release ?? {};
  if (failed === undefined) return { tried: 0, left: 0 };
  const rollbackTo = stack.metadata.annotations?.[ROLLBACK_ANNOTATION];
  if (rollbackTo !== undefined) {
    terminal.note(
      `Not requested: release ${failed.release} has failed, and the annotation ${ROLLBACK_ANNOTATION} asks for ` +
        `${rollbackTo} instead. Remove it, and repeat the command.`,
    );
    return { tried: 0, left: 1 };
  }
  await annotate(cluster, stack, [RETRY_ANNOTATION, new Date(clock.nowMs()).toISOString()]);
  terminal.out(
    `Requested: release ${failed.release}, which failed (${failed.message}), is to be rolled out once more.`,
  );
  return { tried: 1, left: 0 };
}

async function leave({ name, state }: PodFacts, { note }: Terminal): Promise<void> {
  note(`Left alone: the pod ${name} (${state}). It may hold a halt that the database does not have.`);
  await Promise.resolve();
}

async function retryJobs({ client, namespace }: Cluster, stack: string, { out }: Terminal): Promise<number> {
  const where = `in namespace ${namespace}`;
  const listed = await required(
    { verb: 'list', what: 'jobs', where },
    client.list(jobs, { namespace, labelSelector: `${STACK_LABEL}=${stack},${SERVICE_LABEL}` }),
  );
  const failed = listed.items.filter(({ status }) =>
    (status?.conditions ?? []).some(({ type, status: is }) => type === 'Failed' && is === 'True'),
  );
  for (const { metadata } of failed) {
    const { name, uid } = metadata;
    await required({ verb: 'delete', what: `job ${name}`, where }, client.delete(jobs, { namespace, name }, { uid }));
    out(`Deleted the failed Job ${name}: the operator creates it again.`);
  }
  return failed.length;
}

/** Reasons of the kubelet for a container that it starts again later. */
const BACK_OFFS: ReadonlySet<string> = new Set(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull']);

function waitsInBackOff({ state }: PodFacts): boolean {
  return BACK_OFFS.has(state);
}

/** The journal of a process that has run may have the only copy of a halt. */
function mayHoldHalt({ service, restarts }: PodFacts): boolean {
  return restarts > 0 && CATALOGUE.some((row) => row.name === service && row.carriesHalt === true);
}

async function deletePod(
  { client, namespace }: Cluster,
  { name, uid, state }: PodFacts,
  { out }: Terminal,
): Promise<void> {
  const attempted = { verb: 'delete', what: `pod ${name}`, where: `in namespace ${namespace}` };
  await required(attempted, client.delete(pods, { namespace, name }, { uid }));
  out(`Deleted the pod ${name} (${state}): it is created again.`);
}
