export type ConfigErrorCode =
  | 'EnvironmentInvalid'
  | 'SettingsMissing'
  | 'SettingsInvalid'
  | 'SecretMissing'
  | 'SecretEmpty';

/** What the process was given cannot be run with. Every problem names the field, the value and what is allowed; never a secret's value. */
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

/** sysexits.h EX_CONFIG: starting again with the same settings cannot help. */
export const EXIT_CONFIG = 78;

/** One line for people. An AggregateError (every address of a host refused) has its causes listed, its own message being empty. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
