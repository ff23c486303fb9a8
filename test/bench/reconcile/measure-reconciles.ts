import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bundle } from '../../../esbuild.config.ts';
import { OPERATOR_NAME } from '../../../operator/api/v1alpha1/labels.ts';
import type { KubeClient } from '../../../operator/kube/client/client.ts';
import { startServiceProcess, type ServiceProcess } from '../../harness/processes/service-process.ts';
import { until } from '../../harness/until.ts';
import type { BenchOutput } from '../bench.ts';
import { clientOf } from '../halt/trading-system.ts';
import { alterChildren, editStacks, type ChangeOptions } from './change-stacks.ts';
import { followAuditLog, type AuditLog } from './observed/audit-calls.ts';
import { followProcess, type FollowedProcess } from './observed/process-usage.ts';
import {
  convergenceOf,
  programFiguresOf,
  type ConvergenceFigures,
  type ProgramFigures,
  type Span,
} from './reconcile-figures.ts';
import type { ReconcileRun } from './reconcile-options.ts';
import { OPERATOR_NAMESPACE, prepareCluster } from './world/cluster-objects.ts';
import { startKwokCluster, type KwokCluster } from './world/kwok-cluster.ts';
import { watchStacks, type ManyStacks } from './world/many-stacks.ts';

export interface ReconcileResult {
  readonly ours: ProgramFigures & { readonly convergence: ConvergenceFigures };
  readonly informerLoop: ProgramFigures;
}

/** User agents. That of client-node for its requests, and that of undici, with which it watches. */
const AGENTS = { ours: [OPERATOR_NAME], peer: ['kubernetes-client-javascript', 'undici'], person: ['bench'] } as const;
type Agent = keyof typeof AGENTS;

const ANSWERER = join(import.meta.dirname, 'answers/answerer.ts');
/** Bundled as for the image: a process that strips types from its sources needs three times the memory. */
const BUNDLED = [
  { name: 'operator', file: 'operator/main.ts' },
  { name: 'informer-loop', file: 'test/bench/reconcile/peer/informer-loop.ts' },
] as const;
/** No kubelet starts it again when it loses its lease, as it does at 15 s on a machine that is busy with other work. */
const LEASE_SECONDS = 120;
const USAGE_EVERY_MS = 10_000;
const START_MS = 60_000;
/** A stack has to wait for all others before it. */
const CONVERGE_MS = 900_000;
/** The reference changes nothing when it is idle, so that less of it is enough. */
const PEER_IDLE_MS = 300_000;
/** The last writes are answered, and their lines are written. */
const SETTLE_MS = 2_000;

interface Bench {
  readonly run: ReconcileRun;
  readonly cluster: KwokCluster;
  readonly client: KubeClient;
  readonly stacks: ManyStacks;
  /** Folder of the programs that are measured. */
  readonly programs: string;
  readonly log: AuditLog;
  readonly signal: AbortSignal;
  /** Those that should run. */
  readonly processes: Set<ServiceProcess>;
  readonly verify: () => void;
  readonly progress: (text: string) => void;
}

type Cleanup = () => unknown;

/** Measures the operator, and after it the reference with the same stacks and the same changes. */
export async function measureReconciles(
  run: ReconcileRun,
  { progress, signal }: Pick<BenchOutput, 'progress'> & { readonly signal: AbortSignal },
): Promise<ReconcileResult> {
  const cleanups: Cleanup[] = [];
  const later = (cleanup: Cleanup): void => void cleanups.push(cleanup);
  try {
    const bench = await prepare(run, { progress, signal, later });
    const ours = await measureOurs(bench);
    return { ours, informerLoop: await measurePeer(bench) };
  } finally {
    for (const cleanup of cleanups.toReversed()) await cleanup();
  }
}

interface PrepareOptions {
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
  readonly later: (cleanup: Cleanup) => void;
}

async function prepare(run: ReconcileRun, { progress, signal, later }: PrepareOptions): Promise<Bench> {
  const cluster = await startKwokCluster(progress);
  later(async () => await cluster.stop());
  const client = clientOf(cluster.kubeconfig);
  later(async () => await client.close());
  const programs = mkdtempSync(join(tmpdir(), 'bench-programs-'));
  later(() => rmSync(programs, { recursive: true, force: true }));
  await bundle(join(programs, 'app'), BUNDLED);
  progress(`preparing nodes, and namespaces for ${run.stacks} stacks`);
  await prepareCluster(client, run.stacks);
  const processes = new Set<ServiceProcess>();
  later(async () => void (await Promise.all([...processes].map(async (each) => await each.stop()))));
  const verify = (): void => {
    signal.throwIfAborted();
    for (const each of processes)
      if (each.ended !== undefined) throw new Error(`a process of the bench ${each.ended}:\n${lastLines(each.tail())}`);
  };
  const stacks = await watchStacks({ client, count: run.stacks, withinMs: CONVERGE_MS, verify, progress });
  later(async () => await stacks.stop());
  const followed = Object.values(AGENTS).flat();
  const log = followAuditLog(cluster.auditLog, (agent) => followed.some((name) => isNamed(agent, name)));
  const bench = { run, cluster, client, stacks, programs, log, signal, processes, verify, progress };
  await start(bench, ANSWERER, { env: {}, saying: 'answering' });
  return bench;
}

const LINES = 5;
const COLUMNS = 500;

function lastLines(tail: string): string {
  const lines = tail.split('\n').slice(-LINES);
  return lines.map((line) => line.slice(0, COLUMNS)).join('\n');
}

/** An agent may have a version. */
function isNamed(agent: string, name: string): boolean {
  return agent === name || agent.startsWith(`${name}/`);
}

interface Starting {
  readonly env: Readonly<Record<string, string>>;
  /** Log line after which it works. */
  readonly saying: string;
}

async function start(bench: Bench, main: string, { env, saying }: Starting): Promise<ServiceProcess> {
  let says = false;
  const started = startServiceProcess({
    main,
    env: { KUBECONFIG: bench.cluster.kubeconfigFile, LOG_LEVEL: 'info', NODE_OPTIONS: '--enable-source-maps', ...env },
    onLine: ({ msg }) => {
      says ||= msg === saying;
    },
  });
  bench.processes.add(started);
  await until(
    () => {
      bench.verify();
      return says;
    },
    { what: `${main} to log "${saying}"`, withinMs: START_MS, everyMs: 20 },
  );
  return started;
}

async function measureOurs(bench: Bench): Promise<ReconcileResult['ours']> {
  const { stacks, run, progress } = bench;
  progress('starting the operator');
  const pod = { POD_NAME: 'operator-0', POD_NAMESPACE: OPERATOR_NAMESPACE, PORT: '0', HOST: '127.0.0.1' };
  const env = { ...pod, LEASE_SECONDS: String(LEASE_SECONDS) };
  const operator = await start(bench, programOf(bench, 'operator'), { env, saying: 'leadership changed' });
  const followed = follow(bench, operator);
  try {
    progress(`creating ${run.stacks} stacks`);
    const createdMs = Date.now();
    const ranMs = await stacks.create();
    const converged = { fromMs: createdMs, toMs: createdMs + Math.max(...ranMs) };
    progress(`all run after ${Math.round(converged.toMs - createdMs)} ms`);
    const untilRuns = async (key: string): Promise<void> => await stacks.untilRuns(key);
    const spans = await changeAndRest(bench, { before: untilRuns, idleMs: run.idleMs });
    const calls = await callsOf(bench, 'ours');
    const figures = programFiguresOf(await observedOf(bench, 'ours', { spans, followed }), { isRepair: true });
    return { convergence: convergenceOf(calls, converged, ranMs), ...figures };
  } finally {
    followed.stop();
    await end(bench, operator);
  }
}

async function measurePeer(bench: Bench): Promise<ProgramFigures> {
  bench.progress('starting the informer loop');
  const peer = await start(bench, programOf(bench, 'informer-loop'), { env: {}, saying: 'synced' });
  const followed = follow(bench, peer);
  try {
    const spans = await changeAndRest(bench, {
      before: async () => await Promise.resolve(bench.verify()),
      idleMs: Math.min(bench.run.idleMs, PEER_IDLE_MS),
    });
    return programFiguresOf(await observedOf(bench, 'peer', { spans, followed }), { isRepair: false });
  } finally {
    followed.stop();
    await end(bench, peer);
  }
}

function follow({ cluster: { port } }: Bench, { pid }: ServiceProcess): FollowedProcess {
  return followProcess({ pid, port, usageEveryMs: USAGE_EVERY_MS });
}

async function end({ processes }: Bench, process: ServiceProcess): Promise<void> {
  processes.delete(process);
  await process.stop();
}

function programOf({ programs }: Bench, name: (typeof BUNDLED)[number]['name']): string {
  return join(programs, 'app', `${name}.mjs`);
}

type Spans = Readonly<Record<'edits' | 'drifts' | 'idle', Span>>;

interface Phases {
  readonly before: (key: string) => Promise<void>;
  readonly idleMs: number;
}

/** Edits specs, alters children, and then leaves the stacks alone. */
async function changeAndRest(bench: Bench, { before, idleMs }: Phases): Promise<Spans> {
  const { run, client, stacks, signal, progress } = bench;
  const options: ChangeOptions = { client, stacks, pauseMs: run.pauseMs, signal, before, progress };
  const settle = async (): Promise<void> => {
    for (const key of stacks.keys) await before(key);
    await delay(SETTLE_MS, undefined, { signal });
  };
  const spanOf = async (work: () => Promise<void>): Promise<Span> => {
    const fromMs = Date.now();
    await work();
    return { fromMs, toMs: Date.now() };
  };
  progress(`${run.edits} edits`);
  const edits = await spanOf(async () => await editStacks(options, run.edits));
  await settle();
  progress(`${run.drifts} children deleted or altered`);
  const drifts = await spanOf(async () => await alterChildren(options, run.drifts));
  await settle();
  const idle = await spanOf(async () => await rest(bench, idleMs));
  return { edits, drifts, idle };
}

const REST_PROGRESS_MS = 60_000;

async function rest({ signal, verify, progress }: Bench, idleMs: number): Promise<void> {
  for (let leftMs = idleMs; leftMs > 0; leftMs -= REST_PROGRESS_MS) {
    verify();
    progress(`idle for another ${Math.round(leftMs / 1_000)} s`);
    await delay(Math.min(leftMs, REST_PROGRESS_MS), undefined, { signal });
  }
}

async function callsOf({ log }: Bench, who: Agent): Promise<AuditLog['calls']> {
  await log.read();
  return log.calls.filter(({ agent }) => AGENTS[who].some((name) => isNamed(agent, name)));
}

async function observedOf(
  bench: Bench,
  who: Agent,
  { spans, followed }: { readonly spans: Spans; readonly followed: FollowedProcess },
) {
  return {
    ...spans,
    calls: await callsOf(bench, who),
    changes: await callsOf(bench, 'person'),
    usages: followed.usages,
    connections: followed.connections(),
    stacks: bench.run.stacks,
  };
}
