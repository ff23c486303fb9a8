import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireDbWriter } from './wire.ts';

await runService({ name: 'db-writer', readConfig, build: wireDbWriter });
