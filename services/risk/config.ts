import { platformSecretOf } from '../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../shared/contracts/pod-files.ts';
import { riskSettings, type RiskSettings } from '../shared/contracts/services/risk.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import { loadSettings, readEnvironment, type ServiceEnvironment } from '../shared/runtime/service-environment.ts';

export interface Config {
  readonly environment: ServiceEnvironment;
  readonly settings: RiskSettings;
  readonly redisPassword: string;
  readonly postgresPassword: string;
}

/** Throws ConfigError listing everything that is wrong. */
export function readConfig(): Config {
  const environment = readEnvironment(process.env, {
    settingsFile: SETTINGS_FILE,
    secretsDirectory: SECRETS_DIRECTORY,
  });
  const secret = (file: string): string => readSecret(environment.secretsDirectory, file, platformSecretOf('risk'));
  return {
    environment,
    settings: loadSettings(riskSettings, environment.settingsFile),
    redisPassword: secret(SECRET_FILES.redisPassword),
    postgresPassword: secret(SECRET_FILES.postgresPassword),
  };
}
