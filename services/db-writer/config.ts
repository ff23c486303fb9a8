import { platformSecretOf } from '../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../shared/contracts/pod-files.ts';
import { dbWriterSettings, type DbWriterSettings } from '../shared/contracts/services/db-writer.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import { loadSettings, readEnvironment, type ServiceEnvironment } from '../shared/runtime/service-environment.ts';

export interface Config {
  readonly environment: ServiceEnvironment;
  readonly settings: DbWriterSettings;
  readonly redisPassword: string;
  readonly postgresPassword: string;
}

/** Reads the configuration. Throws ConfigError with every problem. */
export function readConfig(): Config {
  const environment = readEnvironment(process.env, {
    settingsFile: SETTINGS_FILE,
    secretsDirectory: SECRETS_DIRECTORY,
  });
  const secret = (file: string): string =>
    readSecret(environment.secretsDirectory, file, platformSecretOf('db-writer'));
  return {
    environment,
    settings: loadSettings(dbWriterSettings, environment.settingsFile),
    redisPassword: secret(SECRET_FILES.redisPassword),
    postgresPassword: secret(SECRET_FILES.postgresPassword),
  };
}
