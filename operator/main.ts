import { runService } from '../services/shared/runtime/run-service.ts';
import { OPERATOR_NAME } from './api/v1alpha1/labels.ts';
import { readConfig } from './config.ts';
import { wireOperator } from './wire.ts';

await runService({ name: OPERATOR_NAME, readConfig, build: wireOperator });
