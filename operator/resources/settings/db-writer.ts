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
    // A release before it refuses a document with it, so it is written only when the spec has it.
    ...(historyDays !== undefined && { historyDays }),
  };
}
