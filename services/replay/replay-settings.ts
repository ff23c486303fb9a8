import type { ExchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import type { ExecutionSettings } from '../shared/contracts/services/execution.ts';
import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import type { SignalSettings } from '../shared/contracts/services/signal.ts';
import type { WsSettings } from '../shared/contracts/services/ws.ts';

/** Settings of the services that a replay runs, as each service parses them. */
export interface ReplaySettings {
  readonly simulator: ExchangeSimulatorSettings;
  readonly ws: WsSettings;
  readonly signal: SignalSettings;
  readonly risk: RiskSettings;
  readonly execution: ExecutionSettings;
}
