import type { RedisClient } from './client.ts';

/** The code that Redis puts in front of an error reply (`NOGROUP`, `OOM`, `ERR`, ...); undefined when no reply came. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
}

const UNAVAILABLE = new Set(['LOADING', 'MASTERDOWN', 'READONLY', 'MISCONF', 'OOM', 'NOAUTH', 'WRONGPASS', 'TRYAGAIN']);

/**
 * Whether a command failed for the state of the server or of the connection, so that it may succeed later unchanged. Errors
 * that are no replies count as such only while the connection is down or when ioredis says that it closed.
 */
export function isRedisUnavailable(error: unknown, client: RedisClient): boolean {
  const code = replyCode(error);
  if (code !== undefined) return UNAVAILABLE.has(code);
  if (client.status !== 'ready') return true;
  return error instanceof Error && (error.name === 'MaxRetriesPerRequestError' || error.name === 'AbortError');
}
