import { z } from 'zod';
import { postgresSettings, stackSettings } from '../settings.ts';
import { SMALL, type ServiceRow } from '../service-row.ts';

export const migrationsRow = {
  name: 'migrations',
  port: 8079,
  tier: 'foundation',
  update: 'Job',
  replicas: 1,
  peers: ['postgres'],
  database: [],
  resources: SMALL,
  venueKeys: false,
  controlled: false,
} as const satisfies ServiceRow;

export const migrationsSettings = z.strictObject({ stack: stackSettings, postgres: postgresSettings });
export type MigrationsDocument = z.input<typeof migrationsSettings>;
