import { z } from 'zod';
import { postgresSettings, stackSettings } from '../settings.ts';

export const migrationsSettings = z.strictObject({ stack: stackSettings, postgres: postgresSettings });
export type MigrationsSettings = z.output<typeof migrationsSettings>;
export type MigrationsDocument = z.input<typeof migrationsSettings>;
