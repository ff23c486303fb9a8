import { describe, expect, it } from 'vitest';
import { stackObservation } from '../../../test/fixtures/stack-observation.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { KubeError } from '../../kube/client/kube-error.ts';
import { writeStatus, type StatusOptions } from './write-status.ts';

const never = new AbortController().signal;
const observation = stackObservation();
const { name, namespace, uid } = observation.stack;
const object = {
  apiVersion: TRADING_STACK_API_VERSION,
  kind: 'TradingStack',
  metadata: { name, namespace, uid, resourceVersion: '1' },
} as const;

interface Refusal {
  readonly text: string;
  readonly problem: KubeError;
}

/** A CRD that refuses a status of which the text contains one of `refused`. */
async function writeTo(status: TradingStackStatus, ...refused: readonly (string | Refusal)[]) {
  const stored: TradingStackStatus[] = [];
  const leftOut: unknown[] = [];
  const options = {
    client: {
      apply: async (_resource: object, given: { readonly status?: TradingStackStatus }) => {
        const refusals = refused.map((each) =>
          typeof each === 'string'
            ? { text: each, problem: new KubeError('Invalid', `Unsupported value: ${each}`) }
            : each,
        );
        const refusal = refusals.find(({ text }) => JSON.stringify(given.status).includes(text));
        if (refusal !== undefined) throw refusal.problem;
        stored.push(given.status ?? {});
        return await Promise.resolve(object);
      },
    },
    caches: { stacks: { followerOf: () => undefined } },
    lastWritten: { expectWritten: () => undefined },
    log: { error: (fields: { readonly leftOut?: unknown }) => leftOut.push(fields.leftOut) },
  } as unknown as StatusOptions;
  const { execution } = await writeStatus(options, { object, observation }, status, never);
  return { last: stored.at(-1), execution, leftOut: leftOut[0] };
}

describe('a CRD of another version', () => {
  const since = '2026-01-01T00:00:00.000Z';
  const request = { author: 'ada', reason: '', revision: 1, since };
  const spec = { ...request, source: 'spec', state: 'Halted' as const };
  const flatten = { ...request, source: 'spec-flatten', state: 'Flattening' as const };
  const execution = { active: 'none' as const, epoch: 2 };
  const trading = { state: 'Unknown' as const, requested: 'Halted' as const, since, sources: [spec, flatten] };
  const halt = { active: false, since, by: 'spec' };
  const status = { phase: 'Degraded' as const, ready: '7/7', execution, trading, halt };

  it('gets the sender, the trading state and the halt alone if it refuses the whole status', async () => {
    const blockedBy = 'status: StatusRefused - Unsupported value: "phase"';
    expect(await writeTo(status, '"phase"')).toEqual({
      last: { blockedBy, execution, trading, halt },
      execution: true,
      leftOut: ['details'],
    });
  });

  it('gets everything but the plan if it has no field for the plan', async () => {
    const plan = [{ action: 'Release' as const, waitingFor: [] }];
    const problem = new KubeError(
      'Internal',
      'failed to create typed patch object: .status.plan: field not declared in schema',
    );
    expect(await writeTo({ ...status, plan }, { text: '"plan"', problem })).toEqual({
      last: status,
      execution: true,
      leftOut: ['status.plan'],
    });
  });

  it('gets everything but the release of risk, and then without the plan, if it has no field for them', async () => {
    const risk = { active: 'none', epoch: 0, since };
    const plan = [{ action: 'Release' as const, waitingFor: [] }];
    const undeclared = (field: string) =>
      new KubeError('Internal', `failed to create typed patch object: .status.${field}: field not declared in schema`);
    const whole = { ...status, risk, plan };
    expect(await writeTo(whole, { text: '"risk"', problem: undeclared('risk') })).toEqual({
      last: { ...status, plan },
      execution: true,
      leftOut: ['status.risk'],
    });
    expect(await writeTo(whole, { text: '"plan"', problem: undeclared('plan') })).toEqual({
      last: status,
      execution: true,
      leftOut: ['status.risk', 'status.plan'],
    });
  });

  it.each<[string, readonly string[], object, readonly string[]]>([
    ['a request', ['"Flattening"'], { trading: { ...trading, sources: [spec] } }, ['.trading.sources spec-flatten']],
    ['a field of the halt', ['"by"'], { halt: { active: false } }, ['.halt']],
    ['every halt', ['"halt"'], { halt: undefined }, ['.halt']],
    [
      'the trading state',
      ['"trading"'],
      { trading: undefined },
      ['.trading', '.trading.sources spec', '.trading.sources spec-flatten'],
    ],
  ])(
    'gets all other parts if it refuses %s inside them, and the log names it',
    async (_what, refused, expected, names) => {
      expect(await writeTo(status, '"phase"', ...refused)).toEqual({
        last: { blockedBy: expect.any(String), execution, trading, halt, ...expected },
        execution: true,
        leftOut: ['details', ...names.map((path) => `status${path}`)],
      });
    },
  );

  it('keeps the requests if it refuses the observed state', async () => {
    const flattening = { ...status, trading: { ...trading, state: 'Flattening' as const, sources: [spec] } };
    const { last, leftOut } = await writeTo(flattening, '"phase"', '"Flattening"');
    expect(last).toMatchObject({ trading: { state: 'Unknown', requested: 'Halted', sources: [spec] } });
    expect(leftOut).toEqual(['details', 'status.trading']);
  });

  it('keeps the stored sender if it refuses the new one, and reports that', async () => {
    observation.stack.status.execution = { active: 'blue', epoch: 1 };
    const { last, execution: isStored, leftOut } = await writeTo(status, '"phase"', '"epoch":2');
    expect(last).toMatchObject({ execution: { active: 'blue', epoch: 1 }, trading, halt });
    expect([isStored, leftOut]).toEqual([false, ['details', 'status.execution']]);
  });

  it('that refuses everything is no error', async () => {
    expect(await writeTo(status, '{')).toMatchObject({ last: undefined, execution: false });
  });

  it('does not hide another failure', async () => {
    const failing = { client: { apply: async () => await Promise.reject(new KubeError('Conflict', 'modified')) } };
    const written = writeStatus(failing as unknown as StatusOptions, { object, observation }, status, never);
    await expect(written).rejects.toMatchObject({ code: 'Conflict' });
  });
});
