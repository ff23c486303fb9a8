import { randomUUID } from 'node:crypto';
import type { KubeConfig } from '@kubernetes/client-node';
import { createCaches, type Caches } from '../../../operator/controllers/caches/stack-caches.ts';
import { createClaims } from '../../../operator/controllers/trading-stack/claim.ts';
import { createCommandSender } from '../../../operator/controllers/trading-stack/command.ts';
import { newHalts, type StandbyView } from '../../../operator/controllers/trading-stack/new-halts.ts';
import { createReconciler } from '../../../operator/controllers/trading-stack/reconciler.ts';
import { createSeenRequests } from '../../../operator/controllers/trading-stack/observe/seen-requests.ts';
import { createContention } from '../../../operator/kube/apply/contention.ts';
import { createLastWritten } from '../../../operator/kube/cache/last-written.ts';
import type { KubeClient, WriteLease } from '../../../operator/kube/client/client.ts';
import { isKubeError } from '../../../operator/kube/client/kube-error.ts';
import { createEventRecorder, type EventRecorder } from '../../../operator/kube/events/events.ts';
import { createController, type Controller, type Reconcile } from '../../../operator/kube/queue/controller.ts';
import { createActivationMemory } from '../../../operator/pods/activation-memory.ts';
import { createProber } from '../../../operator/pods/prober.ts';
import { createRequestSlots } from '../../../operator/pods/request-slots.ts';
import { systemClock } from '../../../services/shared/runtime/clock.ts';
import { SURROUNDINGS } from '../../fixtures/stack-observation.ts';
import { silentLog, testKubeClient, testKubeConfig } from './kube-client.ts';
import type { ProcessesByHand } from './processes-by-hand.ts';

/** The modules of the operator, without a lease. */
export interface RunningOperator {
  readonly controller: Controller;
  readonly events: Pick<EventRecorder, 'record' | 'flush'>;
  /** API calls, as `verb resource`. */
  readonly calls: string[];
  /** Rejects if a reconcile failed. */
  stop(): Promise<void>;
}

export interface RunningOperatorOptions {
  readonly kubeConfig?: KubeConfig;
  /** Installation of the operator: namespace/name. */
  readonly installation?: string;
  /** Whether it watches all namespaces. Default: its own one only. */
  readonly clusterWide?: boolean;
  /** Time without a renewal after which a claim expires. */
  readonly claimExpiresMs?: number;
  /** Bounds every write. Default: it may always write. */
  readonly lease?: WriteLease;
  /** Called when the API server has answered, before the answer is read; also for a call that failed. */
  readonly onCall?: (call: ApiCall) => void;
}

/** A call to the API server. */
export interface ApiCall {
  readonly verb: string;
  readonly resource: string;
  /** HTTP status, or the code of a call without one. */
  readonly code: string;
}

/** Starts the modules of the operator for one namespace, with processes that no kubelet runs. */
export async function startOperator(
  namespace: string,
  processes: Pick<ProcessesByHand, 'getStatusz' | 'postDrain' | 'postActivate' | 'postTradingState'>,
  options: RunningOperatorOptions = {},
): Promise<RunningOperator> {
  const { installation = 'tradingstack-system/tradingstack-operator' } = options;
  const calls: string[] = [];
  const client = countedClient(options, calls);
  const common = { client, clock: systemClock, log: silentLog };
  const caches = createCaches({
    ...common,
    namespaces: options.clusterWide === true ? [] : [namespace],
    venueSecretNames: ['mexc'],
  });
  const eventRecorder = createEventRecorder({ ...common, controller: 'tradingstack-operator', instance: 'test' });
  const lastWritten = createLastWritten({ clock: systemClock });
  const { postDrain, postActivate, postTradingState, getStatusz } = processes;
  const onAnswer = (key: string): void => controller.enqueue(key);
  const prober = createProber({ ...common, getStatusz, intervalMs: 50, keepMs: 500, onChange: onAnswer });
  const slots = createRequestSlots(64);
  const commands = createCommandSender({ ...common, postTradingState, slots, onResult: onAnswer });
  const seen = createSeenRequests();
  const claims = createClaims({ clock: systemClock, installation, ...expiry(options) });
  const modules = {
    ...common,
    caches,
    claims,
    processes: prober,
    events: eventRecorder,
    lastWritten,
    contention: createContention({ clock: systemClock }),
    postDrain,
    postActivate,
    commands,
    activations: createActivationMemory({ clock: systemClock }),
    seen,
    newToken: randomUUID,
  };
  const reconciler = createReconciler({ ...modules, surroundings: SURROUNDINGS });
  const failures: unknown[] = [];
  const reconcile: Reconcile = async (key, signal) =>
    await reconciler(key, signal).catch((error: unknown) => {
      // Not failures: the cache was behind, the server was severed, the lease is lost, or a test made an object of that
      // name. The controller tries again.
      if (!isKubeError(error, ...TRIED_AGAIN)) failures.push(error);
      throw error;
    });
  const controller = createController({ ...common, name: 'trading-stack', reconcile, lastWritten });
  const stop = new AbortController();
  follow({ caches, seen, claims }, controller);
  caches.start();
  await caches.renewed(stop.signal);
  const running = controller.run(stop.signal);
  return {
    controller,
    events: eventRecorder,
    calls,
    stop: async () => {
      stop.abort();
      await running;
      await Promise.all([prober.stop(), commands.stop()]);
      await eventRecorder.stop();
      await caches.stop();
      await client.close();
      if (failures.length > 0) throw new AggregateError(failures, 'reconciles failed');
    },
  };
}

function countedClient(
  { kubeConfig = testKubeConfig(), lease, onCall }: RunningOperatorOptions,
  calls: string[],
): KubeClient {
  const requests = {
    inc: ({ verb = '', resource = '', code = '' }: Readonly<Record<string, string>>) => {
      calls.push(`${verb} ${resource}`);
      onCall?.({ verb, resource, code });
    },
  };
  const metrics = { requests, latency: { observe: () => undefined } };
  return testKubeClient({ kubeConfig, lease: lease ?? 'None', metrics });
}

function expiry({ claimExpiresMs }: RunningOperatorOptions): { readonly expiresMs?: number } {
  return claimExpiresMs === undefined ? {} : { expiresMs: claimExpiresMs };
}

const TRIED_AGAIN = ['Conflict', 'Aborted', 'Unavailable', 'NotLeader', 'AlreadyExists'] as const;

/** What wire.ts does at each change, without a replica that waits. */
function follow(view: StandbyView & { readonly caches: Caches }, controller: Controller): void {
  view.caches.onChange((key, priority, preempts) => {
    controller.enqueue(key, priority, preempts);
    newHalts(view, key, systemClock.nowMs());
  });
}
