import { platformSecretOf } from '../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../shared/contracts/pod-files.ts';
import { wsSettings, type WsSettings } from '../shared/contracts/services/ws.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import { loadSettings, readEnvironment, type ServiceEnvironment } from '../shared/runtime/service-environment.ts';

export interface Config {
  readonly environment: ServiceEnvironment;
  readonly settings: WsSettings;
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
    settings: loadSettings(wsSettings, environment.settingsFile),
    redisPassword: readSecret(environment.secretsDirectory, SECRET_FILES.redisPassword, platformSecretOf('ws')),
  };
}
