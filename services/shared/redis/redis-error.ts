/**
 * Returns the code at the start of a Redis error reply (`NOGROUP`, `OOM`, `ERR`, ...); undefined when there was no
 * reply.
 */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
}
