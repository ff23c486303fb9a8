import { hostname } from 'node:os';
import { catalogueRow } from '../../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../../shared/contracts/pod-files.ts';
import { readSecret } from '../../shared/runtime/secret-file.ts';
import { readEnvironment } from '../../shared/runtime/service-environment.ts';

export interface HaltConfig {
  /** Address of the process of execution in this pod. */
  readonly url: string;
  readonly token: string;
  /** Author of a command that names none. */
  readonly author: string;
}

/** Reads what the process of this pod reads too: its port and its control token. Throws ConfigError. */
export function readConfig(): HaltConfig {
  const defaults = { settingsFile: SETTINGS_FILE, secretsDirectory: SECRETS_DIRECTORY };
  const { port, secretsDirectory } = readEnvironment(process.env, defaults);
  return {
    url: `http://127.0.0.1:${port ?? catalogueRow('execution').port}`,
    token: readSecret(secretsDirectory, SECRET_FILES.controlToken, 'tradingstack-control'),
    author: firstNotEmpty(process.env['USER'], hostname(), 'unknown'),
  };
}

function firstNotEmpty(...names: readonly (string | undefined)[]): string {
  return names.find((name) => name !== undefined && name !== '') ?? '';
}
