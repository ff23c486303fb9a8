import type { Command } from '../call/command.ts';
import { completion } from './completion.ts';
import { events } from './events.ts';
import { halt } from './halt.ts';
import { ledger } from './ledger.ts';
import { logs } from './logs.ts';
import { orders } from './orders.ts';
import { plan } from './plan.ts';
import { positions } from './positions.ts';
import { promote } from './promote.ts';
import { resume } from './resume.ts';
import { retry } from './retry.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';
import { version } from './version.ts';
import { why } from './why.ts';

/** Every command, in the order of the help. A command is one file and one line here. */
export const COMMANDS: readonly Command[] = [
  status,
  why,
  halt,
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
