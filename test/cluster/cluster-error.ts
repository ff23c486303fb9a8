/**
 * A failure that a person can act on.
 * `missing`: something must be installed or allowed first; `busy`: a port or the lock is taken; `failed`: a step did
 * not work.
 */
export class ClusterError extends Error {
  readonly code: 'missing' | 'busy' | 'failed' | 'usage';
  readonly logFile: string | undefined;

  constructor(
    code: ClusterError['code'],
    message: string,
    options: { logFile?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ClusterError';
    this.code = code;
    this.logFile = options.logFile;
  }
}

/**
 * The exit status that a command line ends with: 2 for a wrong call, 3 where something is missing, 4 when busy, 1
 * otherwise.
 */
export function exitCode(error: unknown): number {
  if (!(error instanceof ClusterError)) return 1;
  const codes = { usage: 2, missing: 3, busy: 4, failed: 1 } as const;
  return codes[error.code];
}
