import { pino, type Logger as PinoLogger } from 'pino';

/** Pino logger. Pass an object first, then a constant message: `log.info({ orderId }, 'order sent')`. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly name: string;
  /** Level name of pino; `silent` in tests. */
  readonly level: string;
}

const STDOUT = 1;

/** Keys whose values never reach a log line (invariant I7), at the top level and one level down. */
const SECRET_KEYS = ['password', 'secret', 'secretKey', 'apiKey', 'token', 'authorization', 'signature'];
/** An ioredis error carries the command that failed: for a rejected login, AUTH with the password. */
const SECRET_PATHS = [...SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), '*.command.args'];

/**
 * Creates a logger that writes JSON lines to stdout: UTC ISO time, level name, process name, secrets redacted. Writes
 * are synchronous: pino writes in the background by default, so the last line of a process that exits at once would
 * arrive before, or without, the lines that led to it.
 */
export function createLogger({ name, level }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
  };
  return pino(options, pino.destination({ fd: STDOUT, sync: true }));
}
