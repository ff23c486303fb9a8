import { cutOf } from './cut-network.ts';
import { deletionOf } from './delete-pod.ts';
import type { Fault } from './fault.ts';
import { freezeOf } from './freeze.ts';
import { HALT_SOURCES, haltOf } from './halt.ts';
import { killOf, killOfLeader } from './kill.ts';
import { SWAP_FAULTS } from './swap/swap-faults.ts';
import { TARGETS } from './targets.ts';

/** Groups of faults with what they do, for the help. */
export const FAULT_GROUPS: Readonly<Record<string, string>> = {
  kill: 'SIGKILL of a process; of the operators, the leading one',
  delete: 'deletion of a pod',
  freeze: 'all processes of a container stop for 3 to 15 s, and continue',
  cut: 'the network of a pod drops every packet for 3 to 15 s',
  halt: 'a person halts the stack for 3 to 15 s, and lifts the halt',
  swap:
    'nothing, or a fault, in the middle of a swap of the sender, only if chosen; blue sends before it, green after it.\n' +
    '  api-server stops the API server for 120 s, and node-restart kills every container of the cluster: both only on\n' +
    '  the embedded one. delete takes a stack of its own',
};

/** Faults of a run that chooses none. They leave the control plane alone. */
const PLAIN_FAULTS: readonly Fault[] = [
  ...TARGETS.map(killOf),
  killOfLeader,
  ...TARGETS.map(deletionOf),
  ...TARGETS.map(freezeOf),
  ...TARGETS.map(cutOf),
  ...HALT_SOURCES.map(haltOf),
];

export const DEFAULT_FAULTS: readonly string[] = PLAIN_FAULTS.map(({ name }) => name);

export const ALL_FAULTS: readonly Fault[] = [...PLAIN_FAULTS, ...SWAP_FAULTS];

/** Returns the fault of a name. Throws if there is none: a defect in the code, never caused by input. */
export function faultNamed(name: string): Fault {
  const found = ALL_FAULTS.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`no fault ${name}`);
  return found;
}
