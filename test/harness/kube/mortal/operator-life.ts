import { senderRow } from '../../../../services/shared/contracts/catalogue.ts';
import type { WriteLease } from '../../../../operator/kube/client/client.ts';
import type { ProcessesByHand } from '../processes-by-hand.ts';
import type { ApiCall } from '../running-operator.ts';

/** The commands by which an operator changes what a process does. */
type Commands = Pick<ProcessesByHand, 'getStatusz' | 'postDrain' | 'postActivate' | 'postTradingState'>;

/** What one process of the operator may do before it ends. */
export interface OperatorLife {
  readonly lease: WriteLease;
  readonly onCall: (call: ApiCall) => void;
  /** What it has written and commanded, without events. The last one has taken effect, and its answer is never read. */
  readonly steps: readonly string[];
  /** Whether it has ended: nothing that it does has an effect any more. */
  readonly isOver: () => boolean;
  /** Ends it now. */
  end(): void;
  /** The same processes, as it reaches them. */
  reach(processes: Commands): Commands;
}

/**
 * Ends an operator after so many writes and commands to the sender, or after its first command of a kind; 0: before the
 * first step. To end right after one is to end right before the next: the API server and the processes have the same in
 * both cases.
 */
export function operatorLife(last: number | 'drain' | 'activate' = Number.POSITIVE_INFINITY): OperatorLife {
  const steps: string[] = [];
  const ended = new AbortController();
  const isOver = (): boolean => ended.signal.aborted;
  const done = (step: string): void => {
    steps.push(step);
    if (step === last || (typeof last === 'number' && steps.length >= last)) ended.abort();
  };
  if (last === 0) ended.abort();
  return {
    lease: { writeLeftMs: () => (isOver() ? 0 : Number.POSITIVE_INFINITY), lost: ended.signal },
    onCall: ({ verb, resource, code }) => {
      if (!/^(?:list|watch|get)$/.test(verb) && resource !== 'events' && /^\d/.test(code))
        done(`${verb} ${resource} ${code}`);
    },
    steps,
    isOver,
    end: () => ended.abort(),
    reach: ({ getStatusz, postDrain, postActivate, postTradingState }) => ({
      getStatusz,
      postDrain: async (...command) => {
        if (isOver()) return { kind: 'LeaseLost' };
        const outcome = await postDrain(...command);
        done('drain');
        return outcome;
      },
      postActivate: async (...command) => {
        if (isOver()) return { kind: 'LeaseLost' };
        const outcome = await postActivate(...command);
        done(command[0].service === senderRow().name ? 'activate' : 'activate release');
        return outcome;
      },
      postTradingState: async (...command) => (isOver() ? { kind: 'LeaseLost' } : await postTradingState(...command)),
    }),
  };
}
