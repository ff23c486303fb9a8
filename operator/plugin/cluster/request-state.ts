import {
  TRADING_STATE_ANNOTATION,
  TRADING_STATE_REASON_ANNOTATION,
  TRADING_STATE_REQUEST_ANNOTATION,
} from '../../api/v1alpha1/labels.ts';
import { annotatedState } from '../../api/v1alpha1/trading-stack/annotated-state.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import { managersOf } from '../../controllers/trading-stack/observe/field-managers.ts';
import type { TradingState } from '../../../services/shared/domain/trading-state.ts';
import { isKubeError } from '../../kube/client/kube-error.ts';
import { PluginError } from '../call/plugin-error.ts';
import { required } from './attempt.ts';
import { FIELD_MANAGER, type Cluster } from './cluster.ts';
import { patchStack } from './patch-stack.ts';
import type { StoredStack } from './read-stack.ts';

/** What the annotations of a stack request. */
export interface Shown {
  /** Active without an annotation; Halted for a value that is no trading state. */
  readonly state: TradingState;
  /** As it was written, for messages. */
  readonly text: string | undefined;
  readonly reason: string | undefined;
  /** Another one with each request of this program. */
  readonly request: string | undefined;
}

export function shownOf({ metadata: { annotations = {} } }: StoredStack): Shown {
  const text = annotations[TRADING_STATE_ANNOTATION];
  return {
    state: annotatedState(text) ?? 'Halted',
    text,
    reason: annotations[TRADING_STATE_REASON_ANNOTATION],
    request: annotations[TRADING_STATE_REQUEST_ANNOTATION],
  };
}

/** The reason of a halt that the annotation requests already; empty if there is none. */
export function haltReason(stack: StoredStack): string {
  const { text, reason = '' } = shownOf(stack);
  return annotatedState(text) === 'Halted' ? reason : '';
}

/**
 * Requests Halted by annotation, without reading first: nothing must delay it. The API server records no owner for a
 * value that does not change, and what only a tool owns, the tool lifts. Where the annotation asked for Halted already,
 * it is therefore removed and set again. Its absence lifts nothing.
 */
export async function requestHalt(cluster: Cluster, name: string, reason: string): Promise<void> {
  const halt = { state: 'Halted', reason } as const;
  const stack = await patchShown(cluster, name, halt);
  if (isOwn(stack)) return;
  await patchShown(cluster, name, { reason });
  await patchShown(cluster, name, halt);
}

function isOwn(stack: StoredStack): boolean {
  return annotationOwners(stack).includes(FIELD_MANAGER);
}

/** The field managers that set the annotation to what it is. */
export function annotationOwners({ metadata }: StoredStack): readonly string[] {
  const path = ['metadata', 'annotations', TRADING_STATE_ANNOTATION];
  return managersOf(metadata.managedFields, path).map(({ name }) => name);
}

const ATTEMPTS = 20;

export interface Request {
  readonly state: TradingState;
  readonly reason: string;
}

/**
 * Requests a state that may be less restrictive, only while the annotations still show what the person has seen: a halt
 * that somebody sets meanwhile is not lifted. As for a halt, what a tool shows already is removed first.
 * Rejects with PluginError `Unavailable` if the annotations changed.
 */
export async function replaceRequest(cluster: Cluster, seen: StoredStack, request: Request): Promise<StoredStack> {
  const stack = await patchSeen(cluster, seen, request);
  if (isOwn(stack)) return stack;
  const removed = await patchSeen(cluster, stack, { reason: request.reason });
  return await patchSeen(cluster, removed, request);
}

async function patchSeen(cluster: Cluster, seen: StoredStack, request: Partial<Request>): Promise<StoredStack> {
  const { namespace, client } = cluster;
  const { name } = seen.metadata;
  const where = `in namespace ${namespace}`;
  let stack = seen;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      return await patchShown(cluster, name, request, stack.metadata.resourceVersion);
    } catch (error) {
      // The operator writes the status at any time, which changes the version too.
      if (!(error instanceof PluginError) || !isKubeError(error.cause, 'Conflict')) throw error;
    }
    stack = await required(
      { verb: 'get', what: `tradingstack ${name}`, where },
      client.get(tradingStacks, { namespace, name }),
    );
    if (isSame(shownOf(stack), shownOf(seen))) continue;
    const { text = 'nothing', reason = 'no reason' } = shownOf(stack);
    const problem = `somebody changed the request of ${name} meanwhile: the annotation asks for ${text} (${reason})`;
    throw new PluginError('Unavailable', `${problem}; nothing was lifted. Look at it, and repeat the command`);
  }
  throw new PluginError('Unavailable', `the stack ${name} changed ${ATTEMPTS} times meanwhile; repeat the command`);
}

function isSame(a: Shown, b: Shown): boolean {
  return a.text === b.text && a.reason === b.reason && a.request === b.request;
}

async function patchShown(
  cluster: Cluster,
  name: string,
  { state, reason }: Partial<Request>,
  resourceVersion?: string,
): Promise<StoredStack> {
  const annotations = {
    [TRADING_STATE_ANNOTATION]: state ?? null,
    [TRADING_STATE_REASON_ANNOTATION]: reason ?? null,
    [TRADING_STATE_REQUEST_ANNOTATION]: crypto.randomUUID(),
  };
  const patch = { metadata: { annotations, ...(resourceVersion === undefined ? {} : { resourceVersion }) } };
  return await patchStack(cluster, name, patch);
}
