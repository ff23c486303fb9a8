import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import type {
  ActivateResponse,
  DrainResponse,
  TradingStateRequest,
  TradingStateResponse,
  TradingStatus,
} from '../../../../services/shared/contracts/control.ts';
import type { SenderStatus, Statusz } from '../../../../services/shared/contracts/statusz.ts';
import { catalogueRow } from '../../../../services/shared/contracts/catalogue.ts';
import {
  mostRestrictive,
  succeed,
  succeedAsCopy,
  type SourceState,
} from '../../../../services/shared/domain/trading-state.ts';
import { CLEAN } from '../../../fixtures/fake-senders.ts';
import { healthyStatusz } from '../../../harness/kube/processes-by-hand.ts';

/** A pod whose process is answered for. */
export interface AnsweringPod {
  readonly uid: string;
  /** It holds one stack. */
  readonly namespace: string;
  readonly service: ServiceName;
  /** Service hash that the process reports. */
  readonly release: string;
}

export interface Answer {
  readonly status: 200 | 404 | 409;
  readonly body: Statusz | ActivateResponse | DrainResponse | TradingStateResponse | { readonly error: string };
}

/** Answers for the processes of all stacks. */
export interface StackAnswers {
  /** `body` is that of the request, parsed. */
  answer(pod: AnsweringPod, path: string, body: unknown): Answer;
  /** Forgets a pod that has ended. What its stack was commanded outlives it, as rows of the database do. */
  forget(pod: AnsweringPod): void;
}

type Sender = Pick<SenderStatus, 'role' | 'epoch'>;

interface Stack {
  fence: number;
  /** By UID of the pod. */
  readonly senders: Map<string, Sender>;
  /** By source. */
  readonly sources: Map<string, SourceState>;
}

const ARMED: Sender = { role: 'armed', epoch: 0 };

/**
 * Creates the answers. A process passes every check, and obeys every command at once: it holds no order, and so has
 * nothing to wait for. The fence is kept as the database keeps it: only a higher epoch takes it, from whoever holds it.
 * The control token is not compared.
 */
export function createStackAnswers(nowMs: () => number): StackAnswers {
  const stacks = new Map<string, Stack>();
  const stackOf = ({ namespace }: AnsweringPod): Stack => {
    const known = stacks.get(namespace) ?? { fence: 0, senders: new Map(), sources: new Map() };
    stacks.set(namespace, known);
    return known;
  };
  return {
    answer: (pod, path, body) => {
      const stack = stackOf(pod);
      switch (path) {
        case '/statusz':
          return { status: 200, body: statuszOf(pod, stack) };
        case '/control/activate':
          return activate(pod, stack, body as { readonly epoch: number });
        case '/control/drain':
          return drain(pod, stack, body as { readonly epoch: number });
        case '/control/halt':
          return setState(stack, body as TradingStateRequest, nowMs());
        default:
          return { status: 404, body: { error: `no path ${path}` } };
      }
    },
    forget: (pod) => void stacks.get(pod.namespace)?.senders.delete(pod.uid),
  };
}

function statuszOf(pod: AnsweringPod, stack: Stack): Statusz {
  const { update, carriesHalt } = catalogueRow(pod.service);
  const sender = update === 'Fenced' ? { sender: senderStatus(stack, senderOf(stack, pod)) } : {};
  const trading = carriesHalt === true ? { trading: tradingOf(stack) } : {};
  return { ...healthyStatusz(pod.service, pod.release), ...sender, ...trading };
}

function senderOf({ senders }: Stack, { uid }: AnsweringPod): Sender {
  return senders.get(uid) ?? ARMED;
}

function senderStatus({ fence }: Stack, { role, epoch }: Sender): SenderStatus {
  const isActive = role === 'active';
  return {
    role,
    epoch,
    fenceEpoch: fence,
    rehearsed: isActive ? null : true,
    evidence: isActive ? CLEAN : null,
    maySend: isActive,
    openOrders: { count: 0, ageMs: 0 },
  };
}

function activate(pod: AnsweringPod, stack: Stack, { epoch }: { readonly epoch: number }): Answer {
  const sender = senderOf(stack, pod);
  if (sender.role === 'active' && sender.epoch === epoch)
    return { status: 200, body: { accepted: true, epoch, reason: '' } };
  if (epoch <= stack.fence || sender.role === 'fenced')
    return { status: 409, body: { accepted: false, epoch: stack.fence, reason: `the fence is at ${stack.fence}` } };
  for (const [uid, other] of stack.senders)
    if (other.role === 'active') stack.senders.set(uid, { ...other, role: 'fenced' });
  stack.fence = epoch;
  stack.senders.set(pod.uid, { role: 'active', epoch });
  return { status: 200, body: { accepted: true, epoch, reason: '' } };
}

function drain(pod: AnsweringPod, stack: Stack, { epoch }: { readonly epoch: number }): Answer {
  const sender = senderOf(stack, pod);
  const isHeld = sender.role === 'active' && sender.epoch === epoch;
  if (isHeld) stack.senders.set(pod.uid, { role: 'standby', epoch: 0 });
  const drained = isHeld || sender.role === 'standby';
  const reason = drained ? '' : `does not hold epoch ${epoch}`;
  return { status: drained ? 200 : 409, body: { drained, epoch, reason, openOrders: [] } };
}

function setState({ sources }: Stack, { copied, ...request }: TradingStateRequest, nowMs: number): Answer {
  const known = sources.get(request.source);
  const next = (copied === true ? succeedAsCopy : succeed)(request, known);
  if (next !== undefined) sources.set(request.source, { ...next, sinceMs: nowMs });
  const isObeyed = sources.get(request.source)?.state === request.state;
  const reason = isObeyed ? '' : 'a newer request is known';
  return { status: isObeyed ? 200 : 409, body: { ...tradingOf({ sources }), openOrders: 0, reason } };
}

function tradingOf({ sources }: Pick<Stack, 'sources'>): TradingStatus {
  const all = [...sources.values()];
  return { state: mostRestrictive(all.map(({ state }) => state)), sources: all, persisted: true };
}
