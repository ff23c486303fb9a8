import type { SimulatorFaults } from '../../../services/shared/contracts/simulator-faults.ts';
import type { Halting } from '../halt/trading-state.ts';
import { simulatorPath } from '../trading.ts';

/**
 * Breaks the simulated venue of a stack whose spec.paper.faults is true. Returns once the fault is in force, with the
 * time before the request in UTC milliseconds.
 */
export async function injectFault<N extends keyof SimulatorFaults>(
  { kubectl, place }: Halting,
  name: N,
  body: SimulatorFaults[N],
): Promise<number> {
  const atMs = Date.now();
  await kubectl.post(`${simulatorPath(place)}/simulator/faults/${name}`, body);
  return atMs;
}

/** Number of clients of the venue's streams. */
export async function streamClients({ kubectl, place }: Halting): Promise<number> {
  const status = JSON.parse(await kubectl.raw(`${simulatorPath(place)}/statusz`)) as {
    readonly figures: { readonly streamClients: number };
  };
  return status.figures.streamClients;
}
