export type ConfigErrorCode =
  | 'EnvironmentInvalid'
  | 'SettingsMissing'
  | 'SettingsInvalid'
  | 'SecretMissing'
  | 'SecretEmpty';

/**
 * The process cannot run with its configuration. Every problem names the field, the value and what is allowed, but
 * never the value of a secret.
 */
export class ConfigError extends Error {
  readonly code: ConfigErrorCode;
  readonly problems: readonly string[];

  constructor(code: ConfigErrorCode, problems: readonly string[], options?: ErrorOptions) {
    super(problems.join('; '), options);
    this.name = 'ConfigError';
    this.code = code;
    this.problems = problems;
  }
}

/** A part ends the process on purpose, with this exit code and CamelCase reason. */
export class ExitError extends Error {
  readonly exitCode: number;
  readonly reason: string;

  constructor(exitCode: number, reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ExitError';
    this.exitCode = exitCode;
    this.reason = reason;
  }
}

/** sysexits.h EX_CONFIG: restarting with the same settings cannot succeed. */
export const EXIT_CONFIG = 78;

/**
 * Returns the message of an error in one line. An AggregateError (every address of a host refused the connection) has
 * an empty message, so its causes are listed.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
