import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { tradingStackSpec } from '../../operator/api/v1alpha1/trading-stack/spec.ts';
import { buildSettings } from '../../operator/resources/settings/build-settings.ts';
import type { StackContext } from '../../operator/resources/stack-context.ts';
import { parseTape, type Tape } from '../../services/exchange-simulator/core/tape.ts';
import type { ReplaySettings } from '../../services/replay/replay-settings.ts';
import { exchangeSimulatorSettings } from '../../services/shared/contracts/services/exchange-simulator.ts';
import { executionSettings } from '../../services/shared/contracts/services/execution.ts';
import { riskSettings } from '../../services/shared/contracts/services/risk.ts';
import { signalSettings } from '../../services/shared/contracts/services/signal.ts';
import { wsSettings } from '../../services/shared/contracts/services/ws.ts';
import { ROOT } from '../architecture/project.ts';
import { SURROUNDINGS } from '../fixtures/stack-observation.ts';

/**
 * Returns the settings of every service as the operator renders them for the sample stack and the services parse them.
 * With `symbols`, every strategy trades these instead of those of the sample. The first is the one of the tape.
 */
export function sampleSettings(symbols?: readonly string[]): ReplaySettings {
  const text = readFileSync(join(ROOT, 'manifests/samples/paper.yaml'), 'utf8');
  const resource = parseAllDocuments(text)
    .map((document) => sample.safeParse(document.toJS()))
    .find(({ success }) => success)?.data;
  if (resource === undefined) throw new Error('manifests/samples/paper.yaml contains no TradingStack');
  const context: StackContext = {
    ...resource.metadata,
    uid: '00000000-0000-4000-8000-000000000000',
    spec: tradedOn(tradingStackSpec.parse(resource.spec), symbols),
    ...SURROUNDINGS,
  };
  return {
    simulator: exchangeSimulatorSettings.parse(buildSettings(context, 'exchange-simulator')),
    ws: wsSettings.parse(buildSettings(context, 'ws')),
    signal: signalSettings.parse(buildSettings(context, 'signal')),
    risk: riskSettings.parse(buildSettings(context, 'risk')),
    execution: executionSettings.parse(buildSettings(context, 'execution')),
  };
}

type Spec = StackContext['spec'];

function tradedOn(spec: Spec, symbols: readonly string[] | undefined): Spec {
  if (symbols === undefined) return spec;
  const strategies = spec.strategies.map((strategy) => ({ ...strategy, symbols: [...symbols] }));
  return { ...spec, instruments: symbols.map((symbol) => ({ symbol })), strategies };
}

/** Returns the tape that the sample stack plays. */
export function sampleTape({ simulator }: ReplaySettings): Tape {
  const [instrument] = simulator.instruments;
  if (instrument === undefined) throw new Error('manifests/samples/paper.yaml contains no instrument');
  const file = join(ROOT, 'services/exchange-simulator/tapes', basename(simulator.tape.path));
  return parseTape(gunzipSync(readFileSync(file)).toString('utf8'), instrument);
}

const sample = z.object({
  kind: z.literal('TradingStack'),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
  spec: z.unknown(),
});
