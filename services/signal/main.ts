import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireSignal } from './wire.ts';

await runService({ name: 'signal', readConfig, build: wireSignal });
