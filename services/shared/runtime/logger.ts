import { pino, type Logger as PinoLogger } from 'pino';

/** A pino logger: call with an object first and a constant message, `log.info({ orderId }, 'order sent')`. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  readonly name: string;
  /** pino's level names; `silent` in tests. */
  readonly level: string;
}

/** Keys whose values never reach a log line (invariant I7), at the top and one level down. */
const SECRET_KEYS = ['password', 'secret', 'secretKey', 'apiKey', 'token', 'authorization', 'signature'];

/** JSON lines on stdout: UTC ISO time, level as a word, the process's name, secrets redacted. */
export function createLogger({ name, level }: LoggerOptions): Logger {
  return pino({
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`]), censor: '[redacted]' },
  });
}
