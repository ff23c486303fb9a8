import { readServiceConfig } from '../shared/config/service-config.ts';
import { dbWriterSettings } from '../shared/contracts/services/db-writer.ts';

export type Config = ReturnType<typeof readConfig>;

/** Reads environment, settings and secrets. Throws ConfigError. */
export function readConfig() {
  return readServiceConfig('db-writer', dbWriterSettings, process.env);
}
