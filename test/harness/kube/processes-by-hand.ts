import { CATALOGUE, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import type { PostActivate } from '../../../operator/pods/post-activate.ts';
import type { GetStatusz } from '../../../operator/pods/read-statusz.ts';

/** Answers for the processes of pods that no kubelet runs. */
export interface ProcessesByHand {
  readonly getStatusz: GetStatusz;
  readonly postActivate: PostActivate;
  /** Epochs sent to execution. */
  readonly activations: readonly number[];
  /** Overrides parts of the healthy status that a process reports. */
  say(service: string, statusz: Partial<Statusz>): void;
  start(service: string, release: string): void;
  stop(service: string): void;
  /** Undefined while the service does not run. */
  releaseOf(service: string): string | undefined;
}

export const POD_ADDRESS = '10.0.0.1';

export function processesByHand(): ProcessesByHand {
  const overrides = new Map<string, Partial<Statusz>>();
  const running = new Map<string, string>();
  const activations: number[] = [];
  return {
    activations,
    say: (service, statusz) => overrides.set(service, statusz),
    start: (service, release) => {
      running.set(service, release);
      const sender = { role: 'armed', epoch: 0, fenceEpoch: activations.at(-1) ?? 0 } as const;
      overrides.set(service, service === 'execution' ? { sender } : {});
    },
    stop: (service) => running.delete(service),
    releaseOf: (service) => running.get(service),
    getStatusz: async (url) => {
      const row = CATALOGUE.find(({ port }) => url === `http://${POD_ADDRESS}:${port}/statusz`);
      const release = running.get(row?.name ?? '');
      if (row === undefined || release === undefined) throw new Error('connection refused');
      return { ...healthyStatusz(row.name, release), ...overrides.get(row.name) };
    },
    postActivate: async ({ epoch }) => {
      activations.push(epoch);
      overrides.set('execution', { sender: { role: 'active', epoch, fenceEpoch: epoch } });
      return { kind: 'Accepted', reason: '' };
    },
  };
}

function healthyStatusz(service: ServiceName, release: string): Statusz {
  const checks = [{ name: service === 'ws' ? 'feed' : 'process', ok: true, reason: 'Ok', message: '' }];
  const startedAt = '2026-01-01T00:00:00.000Z';
  return { service, release, incarnation: 'a', startedAt, ready: true, checks, figures: {} };
}
