import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { breakout, cross, merged, sampleStack } from '../../test/fixtures/sample-stack.ts';
import { REASON_GROUPS } from '../../services/shared/contracts/reasons.ts';
import { parseSpec } from '../api/v1alpha1/trading-stack/trading-stack.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
const PAIR = 'BTC/ETH';

/** What `kubectl patch` of a stack merges, for each that the runbook prints. */
const PATCHES = [...RUNBOOK.matchAll(/kubectl .*patch tradingstack .*--type merge -p '(\{.*\})'/g)].map(
  ([, patch = '']) => patch,
);

it.each([...new Set(PATCHES)])('the runbook prints a change that a valid spec takes: %s', (patch) => {
  const digest = patch.replace('sha256:...', `sha256:${'0'.repeat(64)}`);
  expect(parseSpec((merged(sampleStack(), JSON.parse(digest)) as { spec: unknown }).spec)).not.toHaveProperty(
    'problem',
  );
});

describe('a pair', () => {
  const [, section = ''] = RUNBOOK.split('## Remove a pair\n');
  const [, edit = ''] = section.split(/\n\n/);
  const fields = [...edit.matchAll(/`spec\.([a-zA-Z.[\]]+)`/g)].map(([, field = '']) => field);

  it('is removed by the edit of the runbook, from a spec that names it wherever it can', () => {
    expect(fields).toHaveLength(4);
    expect(parseSpec(twoPairs())).not.toHaveProperty('problem');
    expect(parseSpec(without(twoPairs(), fields))).toMatchObject({
      spec: { instruments: [{ symbol: 'XRP/ETH' }], strategies: [{ name: 'cross', symbols: ['XRP/ETH'] }] },
    });
  });

  it.each(fields.filter((field) => field !== 'instruments'))('is not removed without %s', (kept) => {
    const some = fields.filter((field) => field !== kept);
    expect(parseSpec(without(twoPairs(), some))).toHaveProperty('problem');
  });

  it('is removed by this edit only: no other text says to take it from spec.instruments alone', () => {
    const remedies = REASON_GROUPS.flatMap(({ reasons }) => Object.values(reasons)).map(({ remedy }) => remedy);
    const texts = [RUNBOOK.replaceAll(/\s+/g, ' '), ...remedies];
    const alone = /[Rr]emove (?:only |such )?(?:the |a )?(?:pair|symbol) (?:from|in) `?spec\.instruments/g;
    expect(texts.flatMap((text) => text.match(alone) ?? [])).toEqual([]);
  });
});

it('one second is a longest holding time that a strategy takes, as the runbook says to close its positions', () => {
  expect(RUNBOOK).toContain('`maxHoldingSeconds: 1`');
  const { spec } = sampleStack({ change: { strategies: [cross({ maxHoldingSeconds: 1 })] } });
  expect(parseSpec(spec)).not.toHaveProperty('problem');
});

function twoPairs(): unknown {
  const { spec } = sampleStack({
    change: {
      instruments: [{ symbol: 'XRP/ETH' }, { symbol: PAIR }],
      strategies: [cross({ symbols: ['XRP/ETH', PAIR] }), breakout({ symbols: [PAIR] })],
      execution: { canary: { symbols: ['XRP/ETH', PAIR] } },
      paper: { instruments: [{ symbol: PAIR, minNotional: '0.002' }] },
    },
  });
  return spec;
}

/** Removes the pair from the named fields, and a strategy whose list becomes empty. */
function without(spec: unknown, names: readonly string[]): unknown {
  return names.reduce((changed, name) => removed(changed, name.split('.')), spec);
}

function removed(value: unknown, [field = '', ...rest]: readonly string[]): unknown {
  if (field === '') return Array.isArray(value) ? value.filter((one) => !names(one)) : value;
  const name = field.replace('[]', '');
  const members = value as Readonly<Record<string, unknown>>;
  const inner = members[name];
  if (name === field) return { ...members, [name]: removed(inner, rest) };
  const items = (inner as readonly unknown[]).map((item) => removed(item, rest));
  return { ...members, [name]: items.filter((item) => (item as { symbols: readonly string[] }).symbols.length > 0) };
}

function names(item: unknown): boolean {
  return item === PAIR || (item as { symbol?: unknown }).symbol === PAIR;
}
