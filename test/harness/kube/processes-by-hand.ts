import { CATALOGUE, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import {
  mostRestrictive,
  succeed,
  succeedAsCopy,
  type SourceState,
} from '../../../services/shared/domain/trading-state.ts';
import type { PostActivate } from '../../../operator/pods/post-activate.ts';
import type { PostTradingState } from '../../../operator/pods/post-trading-state.ts';
import type { GetStatusz } from '../../../operator/pods/get-statusz.ts';
import type { PodRunner, StartedPod } from './controllers-by-hand.ts';

/** Answers for the processes of pods that no kubelet runs. */
export interface ProcessesByHand extends PodRunner {
  start(service: string, release: string): StartedPod;
  readonly getStatusz: GetStatusz;
  readonly postActivate: PostActivate;
  readonly postTradingState: PostTradingState;
  /** Epochs sent to execution. */
  readonly activations: readonly number[];
  /** Overrides parts of the healthy status that a process reports. */
  say(service: string, statusz: Partial<Statusz>): void;
  /** Trading states that the service was commanded, by source. They outlive its process, as rows of the database do. */
  tradingOf(service: string): readonly SourceState[];
}

const POD_ADDRESS = '10.0.0.1';

export function processesByHand(): ProcessesByHand {
  const overrides = new Map<string, Partial<Statusz>>();
  const running = new Map<string, string>();
  const activations: number[] = [];
  const trading = new Map<string, Map<string, SourceState>>();
  const sourcesOf = (service: string): readonly SourceState[] => [...(trading.get(service)?.values() ?? [])];
  return {
    activations,
    say: (service, statusz) => overrides.set(service, statusz),
    start: (service, release) => {
      running.set(service, release);
      const sender = { role: 'armed', epoch: 0, fenceEpoch: activations.at(-1) ?? 0 } as const;
      overrides.set(service, service === 'execution' ? { sender } : {});
      return { ip: POD_ADDRESS };
    },
    stop: (service) => void running.delete(service),
    releaseOf: (service) => running.get(service),
    getStatusz: async (url) => {
      const row = CATALOGUE.find(({ port }) => url === `http://${POD_ADDRESS}:${port}/statusz`);
      const release = running.get(row?.name ?? '');
      if (row === undefined || release === undefined) throw new Error('connection refused');
      const carried = row.carriesHalt === true ? { trading: tradingStatus(sourcesOf(row.name)) } : {};
      return { ...healthyStatusz(row.name, release), ...carried, ...overrides.get(row.name) };
    },
    tradingOf: sourcesOf,
    postTradingState: async ({ service }, { copied, ...request }) => {
      if (!running.has(service)) return { kind: 'Unanswered', reason: 'connection refused' };
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
    postActivate: async ({ epoch }) => {
      activations.push(epoch);
      overrides.set('execution', { sender: { role: 'active', epoch, fenceEpoch: epoch } });
      return { kind: 'Accepted', reason: '' };
    },
  };
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
