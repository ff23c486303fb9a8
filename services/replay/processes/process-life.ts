import type { Scheduler } from '../core/scheduler.ts';
import type { Life } from './crashable.ts';

/** Life of a process that can be paused as SIGSTOP does: none of its code runs until it continues. */
export interface ProcessLife extends Life {
  readonly freeze: (ms: number) => void;
  /** Resolves when the process is not frozen. */
  readonly resumed: () => Promise<void>;
  /** Runs work that comes from outside: after the process has continued, and only while it lives. */
  readonly deliver: (work: () => void) => void;
}

export function createProcessLife(scheduler: Scheduler): ProcessLife {
  let frozenUntilMs = 0;
  const life: ProcessLife = {
    dead: false,
    freeze: (ms) => {
      frozenUntilMs = scheduler.nowMs() + ms;
    },
    resumed: async () => {
      while (frozenUntilMs > scheduler.nowMs()) await scheduler.sleep(frozenUntilMs - scheduler.nowMs());
    },
    deliver: (work) => {
      void life.resumed().then(() => {
        if (!life.dead) work();
      });
    },
  };
  return life;
}
