import { CATALOGUE, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import {
  mostRestrictive,
  succeed,
  succeedAsCopy,
  type SourceState,
} from '../../../services/shared/domain/trading-state.ts';
import type { PostDrain } from '../../../operator/pods/post-drain.ts';
import type { PostActivate } from '../../../operator/pods/post-activate.ts';
import type { PostTradingState } from '../../../operator/pods/post-trading-state.ts';
import type { GetStatusz } from '../../../operator/pods/get-statusz.ts';
import { CLEAN } from '../../fixtures/fake-senders.ts';
import type { PodRunner, StartedPod, Workload } from './controllers-by-hand.ts';
import { decidingRelease, type DecidingRelease } from './activation/deciding-release.ts';

/** Answers for the processes of pods that no kubelet runs. */
export interface ProcessesByHand extends PodRunner {
  start(workload: Workload, release: string): StartedPod;
  isReady(workload: string): Promise<boolean>;
  readonly getStatusz: GetStatusz;
  readonly postDrain: PostDrain;
  readonly postActivate: PostActivate;
  readonly postTradingState: PostTradingState;
  /** Epochs sent to execution. */
  readonly activations: readonly number[];
  /** The cap in each of them; undefined without a canary. */
  readonly caps: readonly (string | undefined)[];
  /** Service hashes of risk that were made active, in order. */
  readonly decided: readonly string[];
  /** Workloads whose process does not answer, as one that is stopped. */
  readonly silent: Set<string>;
  /** Workloads whose process fails a check, from its start on. */
  readonly sick: Set<string>;
  /** Service whose new pods cannot pull their image; empty: none. */
  refuse: string;
  /** Overrides parts of the healthy status that a process reports. */
  say(workload: string, statusz: Partial<Statusz>): void;
  /** Trading states that the service was commanded, by source. They outlive its process, as rows of the database do. */
  tradingOf(service: string): readonly SourceState[];
}

interface Running {
  readonly service: string;
  readonly release: string;
  readonly ip: string;
}

export function processesByHand(): ProcessesByHand {
  const overrides = new Map<string, Partial<Statusz>>();
  const running = new Map<string, Running>();
  const activations: number[] = [];
  const caps: (string | undefined)[] = [];
  const deciding = decidingRelease();
  const sick = new Set<string>();
  const trading = new Map<string, Map<string, SourceState>>();
  const sourcesOf = (service: string): readonly SourceState[] => [...(trading.get(service)?.values() ?? [])];
  const workloadAt = (ip: string, service: string): string | undefined =>
    [...running].find(([, one]) => one.ip === ip && one.service === service)?.[0];
  const shown = (workload: string) => statusOf({ running, overrides, sick, deciding, sourcesOf }, workload);
  const hand: ProcessesByHand = {
    refuse: '',
    silent: new Set(),
    sick,
    activations,
    caps,
    decided: deciding.decided,
    say: (workload, statusz) => overrides.set(workload, statusz),
    start: ({ name, service }, release) => {
      if (service === hand.refuse) return { waiting: 'ImagePullBackOff' };
      const ip = `10.0.0.${1 + (name.includes('-green') ? 1 : 0) + (name.endsWith('-2') ? 2 : 0)}`;
      running.set(name, { service, release, ip });
      const sender = { role: 'armed', epoch: 0, fenceEpoch: activations.at(-1) ?? 0, canary: null } as const;
      overrides.set(name, service === 'execution' ? { sender } : {});
      return { ip };
    },
    stop: (workload) => void running.delete(workload),
    releaseOf: (workload) => running.get(workload)?.release,
    isReady: async (workload) => await Promise.resolve(shown(workload)?.ready === true && !hand.silent.has(workload)),
    getStatusz: async (url) => {
      const { hostname, port } = new URL(url);
      const row = CATALOGUE.find((one) => String(one.port) === port);
      const workload = workloadAt(hostname, row?.name ?? '') ?? '';
      const statusz = shown(workload);
      if (statusz === undefined || hand.silent.has(workload)) throw new Error('connection refused');
      return statusz;
    },
    tradingOf: sourcesOf,
    postTradingState: async ({ service, ip }, { copied, ...request }) => {
      if (workloadAt(ip, service) === undefined) return { kind: 'Unanswered', reason: 'connection refused' };
      const sources = trading.get(service) ?? new Map<string, SourceState>();
      trading.set(service, sources);
      const next = (copied === true ? succeedAsCopy : succeed)(request, sources.get(request.source));
      if (next !== undefined) sources.set(request.source, { ...next, sinceMs: Date.now() });
      const obeys = sources.get(request.source)?.state === request.state;
      const response = { ...tradingStatus(sourcesOf(service)), openOrders: 0, reason: obeys ? '' : 'a newer request' };
      return obeys
        ? { kind: 'Accepted', body: response }
        : { kind: 'Refused', status: 409, reason: response.reason, body: response };
    },
    postDrain: async ({ ip, epoch }) => {
      overrides.set(workloadAt(ip, 'execution') ?? '', { sender: { role: 'standby', epoch: 0, fenceEpoch: epoch } });
      return { kind: 'Drained', openOrders: 0 };
    },
    postActivate: async ({ ip, service, epoch, canary = null }) => {
      if (service !== 'execution') return deciding.activate(running.get(workloadAt(ip, service) ?? '')?.release, epoch);
      activations.push(epoch);
      caps.push(canary?.maxNotional);
      const sender = { role: 'active', epoch, fenceEpoch: epoch, evidence: CLEAN, canary } as const;
      fenceOff(overrides, epoch);
      overrides.set(workloadAt(ip, 'execution') ?? '', { sender });
      return { kind: 'Accepted', reason: '' };
    },
  };
  return hand;
}

const SICK = [{ name: 'feed', ok: false, reason: 'FeedStale', message: 'no book for 9 s' }];

interface Shown {
  readonly running: ReadonlyMap<string, Running>;
  readonly overrides: ReadonlyMap<string, Partial<Statusz>>;
  readonly sick: ReadonlySet<string>;
  readonly deciding: DecidingRelease;
  readonly sourcesOf: (service: string) => readonly SourceState[];
}

/** Undefined of a workload that does not run. What was said of a service holds for its second pod, too. */
function statusOf({ running, overrides, sick, deciding, sourcesOf }: Shown, workload: string): Statusz | undefined {
  const { service = '', release = '' } = running.get(workload) ?? {};
  const row = CATALOGUE.find(({ name }) => name === service);
  if (row === undefined) return undefined;
  const carried = row.carriesHalt === true ? { trading: tradingStatus(sourcesOf(row.name)) } : {};
  const failing = sick.has(workload) ? { ready: false, checks: SICK } : {};
  const said = { ...overrides.get(service), ...overrides.get(workload), ...failing };
  return deciding.shownBy({ ...healthyStatusz(row.name, release), ...carried, ...said });
}

/** Another process has taken the fence. */
function fenceOff(overrides: Map<string, Partial<Statusz>>, fenceEpoch: number): void {
  for (const [workload, { sender }] of overrides)
    if (sender?.role === 'active') overrides.set(workload, { sender: { role: 'armed', epoch: 0, fenceEpoch } });
}

function tradingStatus(sources: readonly SourceState[]): NonNullable<Statusz['trading']> {
  return { state: mostRestrictive(sources.map(({ state }) => state)), sources: [...sources], persisted: true };
}

/** Returns the status of a process that passes every check. */
export function healthyStatusz(service: ServiceName, release: string): Statusz {
  const checks = [{ name: service === 'ws' ? 'feed' : 'process', ok: true, reason: 'Ok', message: '' }];
  const startedAt = '2026-01-01T00:00:00.000Z';
  return { service, release, incarnation: 'a', startedAt, ready: true, checks, figures: {} };
}
