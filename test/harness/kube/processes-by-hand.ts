import { CATALOGUE, type ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import type { PostActivate } from '../../../operator/pods/post-activate.ts';
import type { GetStatusz } from '../../../operator/pods/read-statusz.ts';

/** Answers for the processes in pods that no kubelet ever starts. */
export interface ProcessesByHand {
  readonly getStatusz: GetStatusz;
  readonly postActivate: PostActivate;
  /** Epochs that execution was told. */
  readonly activations: readonly number[];
  /** What a process says beside that all is well. */
  say(service: string, statusz: Partial<Statusz>): void;
  start(service: string, release: string): void;
  stop(service: string): void;
  /** Undefined while it does not run. */
  releaseOf(service: string): string | undefined;
}

export const POD_ADDRESS = '10.0.0.1';

export function processesByHand(): ProcessesByHand {
  const said = new Map<string, Partial<Statusz>>();
  const running = new Map<string, string>();
  const activations: number[] = [];
  return {
    activations,
    say: (service, statusz) => said.set(service, statusz),
    start: (service, release) => {
      running.set(service, release);
      const sender = { role: 'armed', epoch: 0, fenceEpoch: activations.at(-1) ?? 0 } as const;
      said.set(service, service === 'execution' ? { sender } : {});
    },
    stop: (service) => running.delete(service),
    releaseOf: (service) => running.get(service),
    getStatusz: async (url) => {
      const row = CATALOGUE.find(({ port }) => url === `http://${POD_ADDRESS}:${port}/statusz`);
      const release = running.get(row?.name ?? '');
      if (row === undefined || release === undefined) throw new Error('connection refused');
      return { ...wellStatusz(row.name, release), ...said.get(row.name) };
    },
    postActivate: async ({ epoch }) => {
      activations.push(epoch);
      said.set('execution', { sender: { role: 'active', epoch, fenceEpoch: epoch } });
      return { kind: 'Accepted', reason: '' };
    },
  };
}

function wellStatusz(service: ServiceName, release: string): Statusz {
  const checks = [{ name: service === 'ws' ? 'feed' : 'process', ok: true, reason: 'Ok', message: '' }];
  const startedAt = '2026-01-01T00:00:00.000Z';
  return { service, release, incarnation: 'a', startedAt, ready: true, checks, figures: {} };
}
