import { EXIT, type ExitCode } from './exit-code.ts';

export type PluginErrorCode = 'Usage' | 'Forbidden' | 'NotFound' | 'Unavailable';

const EXIT_OF: Readonly<Record<PluginErrorCode, ExitCode>> = {
  Usage: EXIT.usage,
  Forbidden: EXIT.forbidden,
  NotFound: EXIT.notFound,
  Unavailable: EXIT.unavailable,
};

/** Ends a command. The message is for people: what failed, of which object or field, and what to do. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  readonly code: PluginErrorCode;

  constructor(code: PluginErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get exitCode(): ExitCode {
    return EXIT_OF[this.code];
  }
}
