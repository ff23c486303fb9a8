import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireWs } from './wire.ts';

await runService({ name: 'ws', readConfig, build: wireWs });
