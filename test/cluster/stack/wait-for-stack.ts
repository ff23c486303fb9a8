import { setTimeout as delay } from 'node:timers/promises';
import { ClusterError } from '../cluster-error.ts';
import type { KubePrograms } from '../kube-programs.ts';
import { readOperatorRenewal, readStack, sampleStack } from './install-stack.ts';
import { stackLine } from './stack-line.ts';
import type { StackView } from './stack-line.ts';

export interface WaitOptions {
  readonly seconds: number;
  /** Called with a line each time that what the resource says has changed. */
  readonly onChange: (line: string) => void;
  /** Between two looks. */
  readonly pollMs?: number;
  readonly nowMs?: () => number;
}

type Kubectl = Pick<KubePrograms, 'kubectl'>;

/** How long one reason must block a stack before the wait fails. A status from before a stop is replaced by then. */
const STALLED_FOR_MS = 20_000;

/**
 * Waits until the operator has observed the current spec and the stack runs. Throws when the stack is stalled or the
 * time is over. A cluster that was stopped starts with the old status of the stack and of its pods, so a status counts
 * only after the operator has renewed its lease during this wait, and Running counts only when all pods of the stack
 * are ready.
 */
export async function waitForStack(kube: Kubectl, options: WaitOptions): Promise<StackView> {
  const { seconds, pollMs = 500, nowMs = () => performance.now() } = options;
  const deadline = nowMs() + seconds * 1000;
  const reportChange = changeReporter(options.onChange);
  const operatorLooks = await operatorWatch(kube);
  let stalled: Stalled | undefined;
  for (;;) {
    const isPresent = await operatorLooks();
    const view = await readStack(kube);
    reportChange(lineOf(view, isPresent));
    const phase = presentPhase(view, isPresent);
    if (phase === 'Running' && (await everyPodIsReady(kube))) return view;
    stalled = phase === 'Stalled' ? stalledSince(stalled, view, nowMs()) : undefined;
    if (stalled !== undefined && nowMs() - stalled.sinceMs >= STALLED_FOR_MS) throw doesNotRun(view, 'is stalled');
    if (nowMs() > deadline) throw doesNotRun(view, `does not run after ${seconds} s`);
    await delay(pollMs);
  }
}

/** Whether a leading operator has shown itself since. */
async function operatorWatch(kube: Kubectl): Promise<() => Promise<boolean>> {
  const before = await readOperatorRenewal(kube);
  let hasRenewed = false;
  return async () => {
    hasRenewed ||= !['', before].includes(await readOperatorRenewal(kube));
    return hasRenewed;
  };
}

function lineOf(view: StackView, operatorLooks: boolean): string {
  return operatorLooks ? stackLine(view) : 'waiting for the operator to renew its lease';
}

function changeReporter(onChange: WaitOptions['onChange']): (line: string) => void {
  let last = '';
  return (line) => {
    // A delay that grows with every look is no change.
    const gist = line.replaceAll(/\d{3,}/g, '');
    if (gist !== last) onChange(line);
    last = gist;
  };
}

/** Of the spec that is there now, from an operator that is there now. */
function presentPhase({ metadata, status }: StackView, operatorLooks: boolean): string | undefined {
  return operatorLooks && status?.observedGeneration === metadata.generation ? status?.phase : undefined;
}

interface Stalled {
  readonly by: string;
  readonly sinceMs: number;
}

function stalledSince(before: Stalled | undefined, { status }: StackView, nowMs: number): Stalled {
  // Attempts and delays that are counted in the text do not make it another reason.
  const by = (status?.blockedBy ?? '').replaceAll(/\d+/g, '');
  return before?.by === by ? before : { by, sinceMs: nowMs };
}

interface PodView {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Pods that have ended, as those of jobs do, are aside. */
async function everyPodIsReady(kube: Kubectl): Promise<boolean> {
  const { namespace, name } = sampleStack;
  const text = await kube.kubectl([
    '-n',
    namespace,
    'get',
    'pods',
    '-l',
    `tradingstack.dev/stack=${name}`,
    '-o',
    'json',
  ]);
  const { items } = JSON.parse(text) as { readonly items: readonly PodView[] };
  const live = items.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  return live.length > 0 && live.every(isReady);
}

function isReady({ metadata, status }: PodView): boolean {
  const ready = status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return metadata.deletionTimestamp === undefined && ready === true;
}

function doesNotRun({ status }: StackView, why: string): ClusterError {
  return new ClusterError('failed', `the stack ${why}: ${status?.blockedBy ?? 'no reason reported'}`);
}
