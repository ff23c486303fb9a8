import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireRisk } from './wire.ts';

await runService({ name: 'risk', readConfig, build: wireRisk });
