/**
 * Something that lives as long as the process. `run` starts it and resolves when it has ended, which it does soon after the
 * signal is aborted; a rejection after that is no failure. `drain` finishes or hands back what is under way while everything
 * still runs. `stop` releases what others may still have needed until then (clients, pools).
 */
export interface ServicePart {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
  drain?(): Promise<void>;
  stop?(): Promise<void>;
}

/** A part that only holds a resource until the end. */
export function resource(name: string, stop: () => Promise<void>): ServicePart {
  return { name, run: untilAborted, stop };
}

/** Resolves when the signal is aborted. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
