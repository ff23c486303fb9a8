import type { WsDocument } from '../../../services/shared/contracts/services/ws.ts';
import type { StackContext } from '../stack-context.ts';
import { redisPart, stackPart, symbolsOf, venuePart } from './settings-parts.ts';

const BOOK_LEVELS = 20;

export function buildWsSettings(context: StackContext): WsDocument {
  return {
    stack: stackPart(context),
    redis: redisPart(context, 'ws'),
    venue: venuePart(context),
    symbols: symbolsOf(context),
    bookLevels: BOOK_LEVELS,
    maxFeedAgeMs: context.spec.risk.maxFeedAgeMs,
  };
}
