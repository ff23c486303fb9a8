import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireMigrations } from './wire.ts';

await runService({ name: 'migrations', readConfig, build: wireMigrations });
