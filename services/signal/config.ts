import { platformSecretOf } from '../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../shared/contracts/pod-files.ts';
import { signalSettings, type SignalSettings } from '../shared/contracts/services/signal.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import { loadSettings, readEnvironment, type ServiceEnvironment } from '../shared/runtime/service-environment.ts';

export interface Config {
  readonly environment: ServiceEnvironment;
  readonly settings: SignalSettings;
  readonly redisPassword: string;
}

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig(): Config {
  const environment = readEnvironment(process.env, {
    settingsFile: SETTINGS_FILE,
    secretsDirectory: SECRETS_DIRECTORY,
  });
  return {
    environment,
    settings: loadSettings(signalSettings, environment.settingsFile),
    redisPassword: readSecret(environment.secretsDirectory, SECRET_FILES.redisPassword, platformSecretOf('signal')),
  };
}
