import { COLOURS } from './status.ts';

/** A column of `kubectl get tradingstacks`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 0: always shown; 1: shown with `-o wide`. */
  readonly priority: 0 | 1;
}

function column(name: string, type: PrinterColumn['type'], jsonPath: string, description: string): PrinterColumn {
  return { name, type, jsonPath, description, priority: 0 };
}

function wide(name: string, type: PrinterColumn['type'], jsonPath: string, description: string): PrinterColumn {
  return { name, type, jsonPath, description, priority: 1 };
}

/** kubectl adds NAME as the first column and prints these headers in upper case. */
export const PRINTER_COLUMNS: readonly PrinterColumn[] = [
  column('Mode', 'string', '.spec.mode', 'Order destination: Paper, Testnet or Live.'),
  column(
    'Phase',
    'string',
    '.status.phase',
    'Summary of the rollout: Pending, Progressing, Running, Degraded, Stalled, Suspended or Terminating.',
  ),
  column(
    'Halt',
    'string',
    '.status.conditions[?(@.type=="Halted")].reason',
    'Halt state: NotHalted, ReducingRequested, FlatteningRequested, HaltPending, or HaltRequested once risk and ' +
      'execution report it. HaltUnconfirmed or StateUnknown if a process does not answer.',
  ),
  column('Ready', 'string', '.status.ready', 'Services that are ready and pass their gates, out of all services.'),
  column(
    'Active',
    'string',
    '.status.execution.active',
    `Colour of the execution Deployment that sends orders: ${COLOURS.join(', ')}, none, or Unknown if it does not answer.`,
  ),
  column('Epoch', 'integer', '.status.execution.epoch', 'Highest fence epoch that an execution process has reported.'),
  column('Release', 'string', '.status.release.current', 'Hash of the last release that passed in every tier.'),
  column(
    'Blocked-By',
    'string',
    '.status.blockedBy',
    'First problem that blocks the stack, as tier/gate service: reason - message.',
  ),
  column(
    'Observed',
    'date',
    '.status.observedAt',
    'Time since an operator last observed this state. More than two minutes: no operator observes the stack.',
  ),
  column('Age', 'date', '.metadata.creationTimestamp', 'Time since creation.'),
  wide('Version', 'string', '.spec.release.version', 'Version name of the desired release.'),
  wide(
    'Message',
    'string',
    '.status.conditions[?(@.type=="Ready")].message',
    'Message of condition Ready, not truncated.',
  ),
];
