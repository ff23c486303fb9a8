import { pino, type Logger as PinoLogger } from 'pino';

/** A pino logger: call with an object first and a constant message, `log.info({ orderId }, 'order sent')`. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly name: string;
  /** pino's level names; `silent` in tests. */
  readonly level: string;
}

const STDOUT = 1;

/** Keys whose values never reach a log line (invariant I7), at the top and one level down. */
const SECRET_KEYS = ['password', 'secret', 'secretKey', 'apiKey', 'token', 'authorization', 'signature'];
/** An error of ioredis carries the command that failed: when a login is refused, AUTH with the password. */
const SECRET_PATHS = [...SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), '*.command.args'];

/**
 * JSON lines on stdout: UTC ISO time, level as a word, the process's name, secrets redacted. Written synchronously: pino's own choice writes in the
 * background, and the last words of a process that ends at once come before, or without, the lines that led to them.
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
