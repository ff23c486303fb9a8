/**
 * A component with the lifetime of the process. `run` starts it and resolves when it has ended, soon after the signal
 * is aborted; a rejection after that is not a failure. `drain` finishes or hands back pending work while all parts
 * still run. `stop` releases what other parts may have needed until then (clients, pools).
 */
export interface ServicePart {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
  drain?(): Promise<void>;
  stop?(): Promise<void>;
}

/** Returns a part that only holds a resource until the process stops. */
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
