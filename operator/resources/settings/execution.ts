import type { ExecutionDocument } from '../../../services/shared/contracts/services/execution.ts';
import type { StackContext } from '../stack-context.ts';
import { postgresPart, redisPart, stackPart, symbolsOf, venuePart } from './settings-parts.ts';

/**
 * Bounds that a spec cannot change. A signed request is valid for at most 2 s, so that none outlives a change of
 * sender.
 */
const SENDING = {
  recvWindowMs: 2_000,
  skewBoundMs: 500,
  visibilityMs: 2_000,
  permitMs: 2_000,
  reconcileIntervalMs: 5_000,
} as const;

export function buildExecutionSettings(context: StackContext): ExecutionDocument {
  const { ordersPerSecond } = context.spec.venue;
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'execution'),
    postgres: postgresPart(context, 'execution'),
    venue: venuePart(context),
    halt: false,
    symbols: symbolsOf(context),
    ...SENDING,
    // An older release ignores it. It is written only when the spec has it: otherwise an upgrade of the operator would
    // change the document, and restart the service.
    ...(ordersPerSecond !== undefined && { ordersPerSecond }),
  };
}
