import { z } from 'zod';
import { platformSecretOf } from '../shared/contracts/catalogue.ts';
import { SECRET_FILES, SECRETS_DIRECTORY, SETTINGS_FILE } from '../shared/contracts/pod-files.ts';
import { migrationsSettings, type MigrationsSettings } from '../shared/contracts/services/migrations.ts';
import { readSecret } from '../shared/runtime/secret-file.ts';
import {
  loadSettings,
  parseEnvironment,
  readEnvironment,
  type ServiceEnvironment,
} from '../shared/runtime/service-environment.ts';

export interface Config {
  readonly environment: ServiceEnvironment;
  readonly settings: MigrationsSettings;
  readonly postgresPassword: string;
  /** Directory of the numbered SQL files: beside the bundle in the image, in shared/postgres in a checkout. */
  readonly directory: string;
}

/** In the image the files are beside the bundle, in a checkout in their own folder. */
const DIRECTORY = import.meta.filename.endsWith('.mjs')
  ? `${import.meta.dirname}/migrations`
  : `${import.meta.dirname}/../shared/postgres/migrations`;

const schema = z.object({ MIGRATIONS_DIR: z.string().min(1).default(DIRECTORY) });

export function readConfig(): Config {
  const environment = readEnvironment(process.env, {
    settingsFile: SETTINGS_FILE,
    secretsDirectory: SECRETS_DIRECTORY,
  });
  return Object.freeze({
    environment,
    settings: loadSettings(migrationsSettings, environment.settingsFile),
    postgresPassword: readSecret(
      environment.secretsDirectory,
      SECRET_FILES.postgresPassword,
      platformSecretOf('migrations'),
    ),
    directory: parseEnvironment(schema, process.env).MIGRATIONS_DIR,
  });
}
