import type { VenueLogEntry } from '../../../../services/exchange-simulator/core/venue-log-entry.ts';
import { merged } from '../../../fixtures/sample-stack.ts';
import type { Kubectl } from '../../../e2e/kubectl.ts';
import type { ChaosStack } from '../fault.ts';
import { versionOf } from './versions.ts';

/** What the cluster shows of a stack at one moment. */
export interface Scene {
  /** Status without the generation that it describes. */
  readonly status: object;
  /** Whether it describes the newest spec. Default: true. */
  readonly isOld?: boolean;
  /** Orders that the venue receives then, as client order IDs. */
  readonly orders?: readonly string[];
}

export interface SwapScript {
  /** Scenes after a change of the spec to a version, one for each look at the stack; the last one stays. */
  readonly scenesOf: (version: string | null) => readonly Scene[];
  readonly epochOf: Readonly<Record<string, number>>;
  readonly fence: { readonly epoch: number; readonly grantedMs: number };
}

export interface ScriptedSwap {
  readonly stack: ChaosStack;
  /** Versions that the spec was changed to. */
  readonly versions: (string | null)[];
  /** Status of the last scene that was looked at. */
  readonly seen: () => object;
}

/** A stack whose status, venue and record follow a script. The venue receives an order each second. */
export function scriptedSwap({ scenesOf, epochOf, fence }: SwapScript): ScriptedSwap {
  let spec: object = {};
  let generation = 1;
  let scenes = [...scenesOf(null)];
  let scene: Scene | undefined;
  const versions: (string | null)[] = [];
  const log: VenueLogEntry[] = [];
  const look = (): object => {
    scene = scenes.length > 1 ? scenes.shift() : scenes[0];
    for (const clientOrderId of scene?.orders ?? []) {
      const seq = log.length + 1;
      log.push({ seq, kind: 'placed', time: seq * 1_000, receivedAt: seq * 1_000, clientOrderId });
    }
    const observedGeneration = scene?.isOld === true ? generation - 1 : generation;
    return { metadata: { generation }, spec, status: { ...scene?.status, observedGeneration } };
  };
  const patch = (text: string): void => {
    spec = merged(spec, (JSON.parse(text) as { spec: object }).spec) as object;
    generation += 1;
    versions.push(versionOf(spec));
    scenes = [...scenesOf(versionOf(spec))];
  };
  const rowsOf = (sql: string): object => {
    if (sql.includes('execution_fence')) return [fence];
    return Object.entries(epochOf).map(([id, epoch]) => ({ id, epoch }));
  };
  const kubectl: Pick<Kubectl, 'json' | 'run' | 'raw'> = {
    json: async <T>() => await Promise.resolve(look() as T),
    run: async (...args) => {
      if (args.includes('patch')) patch(args.at(-1) ?? '');
      return await Promise.resolve(JSON.stringify(rowsOf(args.at(-1) ?? '')));
    },
    raw: async (path) => {
      const after = Number(/after=(?<seq>\d+)/.exec(path)?.groups?.['seq']);
      return await Promise.resolve(JSON.stringify({ entries: log.filter(({ seq }) => seq > after) }));
    },
  };
  const place = { namespace: 'trading', name: 'chaos', id: 'chaos-1' };
  const stack = { cluster: {}, kubectl, place, operatorNamespace: 'system' } as unknown as ChaosStack;
  return { stack, versions, seen: () => scene?.status ?? {} };
}
