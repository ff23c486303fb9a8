/** A column of `kubectl get tradingstacks`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 0 always, 1 with `-o wide`. */
  readonly priority: 0 | 1;
}

function column(name: string, type: PrinterColumn['type'], jsonPath: string, description: string): PrinterColumn {
  return { name, type, jsonPath, description, priority: 0 };
}

function wide(name: string, type: PrinterColumn['type'], jsonPath: string, description: string): PrinterColumn {
  return { name, type, jsonPath, description, priority: 1 };
}

/** kubectl shows NAME first by itself and heads columns in capitals as given. */
export const PRINTER_COLUMNS: readonly PrinterColumn[] = [
  column('Mode', 'string', '.spec.mode', 'Whom orders go to.'),
  column('Phase', 'string', '.status.phase', 'What the operator is doing.'),
  column(
    'Halt',
    'string',
    '.status.conditions[?(@.type=="Halted")].reason',
    'Whether new orders are stopped: HaltPending until risk and execution run with the halt, then HaltRequested.',
  ),
  column('Ready', 'string', '.status.ready', 'Services that hold their gates.'),
  column('Active', 'string', '.status.execution.active', 'Colour that may send orders.'),
  column('Epoch', 'integer', '.status.execution.epoch', 'Epoch of the fence.'),
  column('Release', 'string', '.status.release.current', 'Release that runs.'),
  column('Blocked-By', 'string', '.status.blockedBy', 'The one thing that blocks.'),
  column('Age', 'date', '.metadata.creationTimestamp', 'Age.'),
  wide('Version', 'string', '.spec.release.version', 'What people call the release.'),
  wide('Message', 'string', '.status.conditions[?(@.type=="Ready")].message', 'Why it is ready, or not.'),
];
