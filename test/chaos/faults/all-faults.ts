import { cutOf } from './cut-network.ts';
import { deletionOf } from './delete-pod.ts';
import type { Fault } from './fault.ts';
import { freezeOf } from './freeze.ts';
import { HALT_SOURCES, haltOf } from './halt.ts';
import { killOf, killOfLeader } from './kill.ts';
import { TARGETS } from './targets.ts';

/** Groups of faults with what they do, for the help. */
export const FAULT_GROUPS: Readonly<Record<string, string>> = {
  kill: 'SIGKILL of a process; of the operators, the leading one',
  delete: 'deletion of a pod',
  freeze: 'all processes of a container stop for 3 to 15 s, and continue',
  cut: 'the network of a pod drops every packet for 3 to 15 s',
  halt: 'a person halts the stack for 3 to 15 s, and lifts the halt',
};

/** Every fault. The control plane is left alone. */
export const ALL_FAULTS: readonly Fault[] = [
  ...TARGETS.map(killOf),
  killOfLeader,
  ...TARGETS.map(deletionOf),
  ...TARGETS.map(freezeOf),
  ...TARGETS.map(cutOf),
  ...HALT_SOURCES.map(haltOf),
];

/** Returns the fault of a name. Throws if there is none: a defect in the code, never caused by input. */
export function faultNamed(name: string): Fault {
  const found = ALL_FAULTS.find((fault) => fault.name === name);
  if (found === undefined) throw new Error(`no fault ${name}`);
  return found;
}
