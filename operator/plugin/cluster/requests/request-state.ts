import {
  TRADING_STATE_ANNOTATION,
  TRADING_STATE_REASON_ANNOTATION,
  TRADING_STATE_REQUEST_ANNOTATION,
} from '../../../api/v1alpha1/labels.ts';
import { annotatedState } from '../../../api/v1alpha1/trading-stack/annotated-state.ts';
import { managersOf } from '../../../controllers/trading-stack/observe/field-managers.ts';
import type { TradingState } from '../../../../services/shared/domain/trading-state.ts';
import { PluginError } from '../../call/plugin-error.ts';
import { FIELD_MANAGER, type Cluster } from '../cluster.ts';
import { patchStack } from '../patch-stack.ts';
import type { StoredStack } from '../read-stack.ts';
import { writeSeen } from './write-seen.ts';

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
 * it is therefore written in another case too, which asks for the same. Rejects with PluginError.
 */
export async function requestHalt(cluster: Cluster, name: string, reason: string): Promise<void> {
  const halt = { state: 'Halted', reason } as const;
  let stack = await patchShown(cluster, name, halt);
  for (let attempt = 0; !isOwn(stack); attempt += 1) {
    if (attempt === OWN_ATTEMPTS) throw unowned(stack, 'Halted');
    await patchShown(cluster, name, inOtherCase(halt));
    stack = await patchShown(cluster, name, halt);
  }
}

/** A tool that syncs now and then interferes once at most. */
const OWN_ATTEMPTS = 3;

function inOtherCase({ state, reason }: Request): Written {
  return { state: state.toLowerCase(), reason };
}

function unowned({ metadata: { name } }: StoredStack, state: TradingState): PluginError {
  const problem = `the annotation of ${name} asks for ${state}, but a tool sets it again each time`;
  return new PluginError('Unavailable', `${problem}, so it is not recorded that a person asked. Repeat the command`);
}

function isOwn(stack: StoredStack): boolean {
  return annotationOwners(stack).includes(FIELD_MANAGER);
}

/** The field managers that set the annotation to what it is. */
export function annotationOwners({ metadata }: StoredStack): readonly string[] {
  const path = ['metadata', 'annotations', TRADING_STATE_ANNOTATION];
  return managersOf(metadata.managedFields, path).map(({ name }) => name);
}

export interface Request {
  readonly state: TradingState;
  readonly reason: string;
}

/** A request as the annotations show it, in whatever case. */
interface Written {
  readonly state: string;
  readonly reason: string;
}

/**
 * Requests a state that may be less restrictive, only while the annotations still show what the person has seen: a halt
 * that somebody sets meanwhile is not lifted. What a tool shows already is first written in another case, too.
 * Rejects with PluginError `Unavailable` if the annotations changed.
 */
export async function replaceRequest(cluster: Cluster, seen: StoredStack, request: Request): Promise<StoredStack> {
  let stack = await patchSeen(cluster, seen, request, 'nothing was lifted');
  for (let attempt = 0; !isOwn(stack); attempt += 1) {
    if (attempt === OWN_ATTEMPTS) throw unowned(stack, request.state);
    const changed = await patchSeen(cluster, stack, inOtherCase(request), LIFTED_PERHAPS);
    stack = await patchSeen(cluster, changed, request, LIFTED_PERHAPS);
  }
  return stack;
}

/** An operator may have seen the first write. */
const LIFTED_PERHAPS = '"kubectl tradingstack why" says what is lifted';

async function patchSeen(cluster: Cluster, seen: StoredStack, written: Written, effect: string): Promise<StoredStack> {
  const { name } = seen.metadata;
  return await writeSeen(cluster, seen, {
    write: async (resourceVersion) => await patchShown(cluster, name, written, resourceVersion),
    isSame: (stack) => isSame(shownOf(stack), shownOf(seen)),
    problemOf: (stack) => {
      const { text = 'nothing', reason = 'no reason' } = shownOf(stack);
      const problem = `somebody changed the request of ${name} meanwhile: the annotation asks for ${text} (${reason})`;
      return `${problem}; ${effect}`;
    },
  });
}

function isSame(a: Shown, b: Shown): boolean {
  return a.text === b.text && a.reason === b.reason && a.request === b.request;
}

async function patchShown(
  cluster: Cluster,
  name: string,
  { state, reason }: Written,
  resourceVersion?: string,
): Promise<StoredStack> {
  const annotations = {
    [TRADING_STATE_ANNOTATION]: state,
    [TRADING_STATE_REASON_ANNOTATION]: reason,
    [TRADING_STATE_REQUEST_ANNOTATION]: crypto.randomUUID(),
  };
  const patch = { metadata: { annotations, ...(resourceVersion === undefined ? {} : { resourceVersion }) } };
  return await patchStack(cluster, name, patch);
}
