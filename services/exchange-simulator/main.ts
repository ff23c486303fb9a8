import { runService } from '../shared/runtime/run-service.ts';
import { readConfig } from './config.ts';
import { wireExchangeSimulator } from './wire.ts';

await runService({ name: 'exchange-simulator', readConfig, build: wireExchangeSimulator });
