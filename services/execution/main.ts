import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireExecution } from './wire.ts';

await runService({ name: 'execution', readConfig, build: wireExecution });
