import { z } from 'zod';
import { readServiceConfig } from '../shared/config/service-config.ts';
import { migrationsSettings } from '../shared/contracts/services/migrations.ts';
import { parseEnvironment } from '../shared/runtime/service-environment.ts';

export type Config = ReturnType<typeof readConfig>;

/** Directory of the numbered SQL files: beside the bundle in the image, in shared/postgres in a checkout. */
const DIRECTORY = import.meta.filename.endsWith('.mjs')
  ? `${import.meta.dirname}/migrations`
  : `${import.meta.dirname}/../shared/postgres/migrations`;

const schema = z.object({ MIGRATIONS_DIR: z.string().min(1).default(DIRECTORY) });

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  const config = readServiceConfig('migrations', migrationsSettings, process.env);
  return { ...config, directory: parseEnvironment(schema, process.env).MIGRATIONS_DIR };
}
