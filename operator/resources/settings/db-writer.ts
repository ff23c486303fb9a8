import type { DbWriterDocument } from '../../../services/shared/contracts/services/db-writer.ts';
import type { StackContext } from '../stack-context.ts';
import { postgresPart, redisPart, stackPart, symbolsOf } from './settings-parts.ts';

const MAX_LAG_MS = 10_000;

export function buildDbWriterSettings(context: StackContext): DbWriterDocument {
  const { historyDays } = context.spec.postgres;
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'db-writer'),
    postgres: postgresPart(context, 'db-writer'),
    symbols: symbolsOf(context),
    maxLagMs: MAX_LAG_MS,
    // An older release ignores it, and deletes no history. It is written only when the spec has it: otherwise an
    // upgrade of the operator would change the document, and restart the service.
    ...(historyDays !== undefined && { historyDays }),
  };
}
