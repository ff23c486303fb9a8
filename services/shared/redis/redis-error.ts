/** The code that Redis puts in front of an error reply (`NOGROUP`, `OOM`, `ERR`, ...); undefined when no reply came. */
export function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined;
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR';
}
