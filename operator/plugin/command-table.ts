import type { Command } from './call/command.ts';
import { completion } from './commands/completion.ts';
import { events } from './commands/events.ts';
import { flatten } from './commands/sale/flatten.ts';
import { halt } from './commands/halt.ts';
import { ledger } from './commands/ledger.ts';
import { logs } from './commands/logs.ts';
import { orders } from './commands/orders.ts';
import { plan } from './commands/plan.ts';
import { positions } from './commands/positions.ts';
import { promote } from './commands/promote.ts';
import { resume } from './commands/resume.ts';
import { retry } from './commands/retry.ts';
import { rollback } from './commands/rollback.ts';
import { status } from './commands/status.ts';
import { version } from './commands/version.ts';
import { why } from './commands/why.ts';

/** Every command, in the order of the help. A command is one file and one line here. */
export const COMMANDS: readonly Command[] = [
  status,
  why,
  halt,
  flatten,
  resume,
  plan,
  promote,
  rollback,
  retry,
  positions,
  orders,
  ledger,
  logs,
  events,
  version,
  completion,
];
