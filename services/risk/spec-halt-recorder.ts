import type { RiskSettings } from '../shared/contracts/services/risk.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { pause } from '../shared/runtime/periodic.ts';
import { backoffMs } from '../shared/runtime/retry.ts';
import { untilAborted, type ServicePart } from '../shared/runtime/service-part.ts';
import type { HaltRow } from './ports.ts';

export interface SpecHaltRecorderOptions {
  readonly record: (row: HaltRow) => Promise<boolean>;
  readonly settings: Pick<RiskSettings, 'stack' | 'halt'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Records the value of `spec.halt` in `trading.halts` once, as soon as Postgres accepts it. Until then, decisions obey
 * the setting itself. Execution and other services obey the row.
 */
export function createSpecHaltRecorder({ record, settings, clock, log }: SpecHaltRecorderOptions): ServicePart {
  const { halt } = settings;
  return {
    name: 'spec halt recorder',
    run: async (signal) => {
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        try {
          const written = await record({
            stack: settings.stack.id,
            source: 'spec',
            active: halt,
            reason: `spec.halt is ${halt}`,
          });
          if (written) log.warn({ halt }, 'spec.halt recorded');
          break;
        } catch (error) {
          log.warn({ halt, attempt, err: error }, 'recording spec.halt failed, retrying');
          await pause(clock, backoffMs(attempt, { minMs: 100, maxMs: 5_000 }), signal);
        }
      }
      await untilAborted(signal);
    },
  };
}
