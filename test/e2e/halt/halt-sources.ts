import { senderPod } from '../container-process.ts';
import type { TradingState } from '../../../services/shared/domain/trading-state.ts';
import type { Halting } from './trading-state.ts';

/** A way in which a person sets the trading state. */
export interface HaltSource {
  readonly name: string;
  /** Name of the source that requests a restriction in the status. */
  readonly source: { readonly Halted: string; readonly Reducing: string };
  readonly set: (state: TradingState) => Promise<void>;
}

/** Every source that a person can use while the whole system works. */
export function haltSources(halting: Halting): readonly [HaltSource, HaltSource, HaltSource, HaltSource] {
  return [
    {
      name: 'kubectl patch',
      source: { Halted: 'spec', Reducing: 'spec-state' },
      set: async (state) =>
        await patchSpec(halting, {
          halt: state === 'Halted',
          tradingState: state === 'Reducing' ? 'Reducing' : 'Active',
        }),
    },
    {
      name: 'kubectl annotate',
      source: { Halted: 'annotation', Reducing: 'annotation' },
      set: async (state) => await annotate(halting, state),
    },
    {
      name: 'a row in trading.halts',
      source: { Halted: 'desk', Reducing: 'desk' },
      set: async (state) => await insertHalt(halting, state),
    },
    {
      name: 'the program in the pod of execution',
      source: { Halted: 'command', Reducing: 'command' },
      set: async (state) => await runProgram(halting, state),
    },
  ];
}

/** Merges members into the spec, as a person with `kubectl patch`. */
export async function patchSpec({ kubectl, place }: Halting, change: object): Promise<void> {
  const { namespace, name } = place;
  const patch = JSON.stringify({ spec: change });
  await kubectl.run('-n', namespace, 'patch', 'tradingstack', name, '--type', 'merge', '-p', patch);
}

async function annotate({ kubectl, place }: Halting, state: TradingState): Promise<void> {
  const annotations = [`tradingstack.dev/trading-state=${state}`, 'tradingstack.dev/trading-state-reason=a test'];
  await kubectl.run('-n', place.namespace, 'annotate', 'tradingstack', place.name, '--overwrite', ...annotations);
}

/** A halt needs four columns only; every other state is named. */
async function insertHalt({ kubectl, place }: Halting, state: TradingState): Promise<void> {
  const sql =
    state === 'Halted'
      ? `INSERT INTO trading.halts (stack, source, active, reason) VALUES ('${place.id}', 'desk', true, 'a test')`
      : `INSERT INTO trading.halts (stack, source, active, state, reason) ` +
        `VALUES ('${place.id}', 'desk', ${state !== 'Active'}, '${state}', 'a test')`;
  const psql = ['psql', '-h', '/run/postgres', '-U', 'postgres', '-d', 'trading_ecosystem', '-qX', '-c', sql];
  await kubectl.run('-n', place.namespace, 'exec', 'postgres-0', '-c', 'postgres', '--', ...psql);
}

async function runProgram({ kubectl, place }: Halting, state: TradingState): Promise<void> {
  const program = ['--', 'node', '/app/halt.mjs', '--state', state, '--reason', 'a test'];
  await kubectl.run('-n', place.namespace, 'exec', await senderPod(kubectl, place), ...program);
}
