import type { ServiceName } from '../../../services/shared/contracts/catalogue.ts';
import type { StackContext } from '../stack-context.ts';
import { buildDbWriterSettings } from './db-writer.ts';
import { buildExchangeSimulatorSettings } from './exchange-simulator.ts';
import { buildExecutionSettings } from './execution.ts';
import { buildMigrationsSettings } from './migrations.ts';
import { buildRiskSettings } from './risk.ts';
import { buildSignalSettings } from './signal.ts';
import { buildWsSettings } from './ws.ts';

/** One builder per service. The compiler requires an entry for each service. */
const BUILDERS = {
  migrations: buildMigrationsSettings,
  'exchange-simulator': buildExchangeSimulatorSettings,
  ws: buildWsSettings,
  'db-writer': buildDbWriterSettings,
  signal: buildSignalSettings,
  risk: buildRiskSettings,
  execution: buildExecutionSettings,
} as const satisfies Record<ServiceName, (context: StackContext) => object>;

type Document<S extends ServiceName> = ReturnType<(typeof BUILDERS)[S]>;

/** Renders the settings document of a service. Equal stacks give equal documents. */
export function buildSettings<S extends ServiceName>(context: StackContext, service: S): Document<S> {
  const build: (from: StackContext) => object = BUILDERS[service];
  return build(context) as Document<S>;
}
