import { describe, expect, it } from 'vitest';
import { codeViolations } from './code-rules.ts';
import { documentViolations } from './document-rules.ts';
import { idleExceptions, idleGrants, importViolations } from './import-rules.ts';
import { nameViolations, topLevelViolations } from './name-rules.ts';
import { serviceNameViolations, serviceViolations } from './service-rules.ts';
import { siblingViolations, sizesOf, sizeViolations } from './sizes.ts';
import { parseSourceFile } from './source-file.ts';
import { checkNames, checkNameViolations } from './check-name-rules.ts';
import { cycleViolations } from './cycle-rules.ts';
import { reasonViolations } from './reason-rules.ts';
import { commentViolations, wordViolations } from './word-rules.ts';
import { textViolations } from './text-rules.ts';

// Each rule fails here on a file made for it. project.test.ts then checks the project against all of them.

describe('imports', () => {
  it.each([
    ['services/shared/domain/a.ts', `import { z } from 'zod';`, 'package'],
    ['services/shared/domain/a.ts', `import { createHash } from 'node:crypto';`, 'package'],
    ['services/shared/domain/a.ts', `export * from '../contracts/field.ts';`, 'room'],
    ['services/shared/contracts/a.ts', `import type { Clock } from '../runtime/clock.ts';`, 'room'],
    ['services/shared/runtime/a.ts', `import { add } from '../domain/decimal.ts';`, 'room'],
    ['services/shared/redis/a.ts', `import { createPool } from '../postgres/pool.ts';`, 'room'],
    ['services/shared/venue/a.ts', `import { decide } from '../../risk/core/decide.ts';`, 'room'],
    ['services/shared/venue/mexc/a.ts', `import { mexc } from 'ccxt';`, 'package'],
    ['services/shared/venue/a.ts', `import { MEXC_RULES } from './mexc/rules.ts';`, 'room'],
    ['services/shared/venue/a.ts', `import type { MexcClient } from './mexc/trading-client.ts';`, 'room'],
    ['services/risk/service.ts', `import type { MexcClient } from '../shared/venue/mexc/trading-client.ts';`, 'room'],
    ['services/risk/service.ts', `import { MEXC_RULES } from '../shared/venue/mexc/rules.ts';`, 'room'],
    ['services/risk/rest/mexc/a.ts', `import { MEXC_RULES } from '../../../shared/venue/mexc/rules.ts';`, 'room'],
    ['services/shared/venue/mexc/a.ts', `import Okx from '../../../../node_modules/ccxt/js/src/okx.js';`, 'package'],
    ['services/risk/core/a.ts', `import { SIGNALS } from '../../shared/contracts/keys.ts';`, 'room'],
    ['services/risk/core/a.ts', `import { insert } from '../store/insert.ts';`, 'room'],
    ['services/risk/core/a.ts', `type Clock = import('../../shared/runtime/clock.ts').Clock;`, 'room'],
    ['services/risk/store/a.ts', `import { decide } from '../core/decide.ts';`, 'room'],
    ['services/risk/store/a.ts', `import type { Service } from '../service.ts';`, 'room'],
    ['services/risk/service.ts', `import { createPool } from '../shared/postgres/pool.ts';`, 'room'],
    ['services/risk/service.ts', `import { insert } from './store/insert.ts';`, 'room'],
    ['services/risk/main.ts', `import { send } from '../execution/core/send.ts';`, 'room'],
    ['services/risk/main.ts', `const later = await import('../../operator/api/v1alpha1/labels.ts');`, 'room'],
    ['operator/api/v1alpha1/a.ts', `import { KubeConfig } from '@kubernetes/client-node';`, 'package'],
    ['operator/api/v1alpha1/a.ts', `import { createClient } from '../../kube/client/client.ts';`, 'room'],
    ['operator/resources/a.ts', `import type { Client } from '../kube/client/client.ts';`, 'room'],
    [
      'operator/controllers/stack/decide.ts',
      `import { systemClock } from '../../../services/shared/runtime/clock.ts';`,
      'room',
    ],
    [
      'operator/controllers/stack/apply.ts',
      `import { add } from '../../../services/shared/domain/decimal.ts';`,
      'room',
    ],
    ['operator/resources/a.ts', `import { gatesOf } from '../controllers/stack/rollout/gates.ts';`, 'room'],
    ['operator/releases/a.ts', `import { decide } from '../controllers/stack/decide.ts';`, 'room'],
    ['operator/controllers/stack/observe/a.ts', `import { decide } from '../decide.ts';`, 'room'],
    ['operator/kube/a.ts', `import { LABELS } from '../api/v1alpha1/labels.ts';`, 'room'],
    ['operator/main.ts', `import { decide } from '../services/risk/core/decide.ts';`, 'room'],
    ['services/risk/service.ts', `import { virtualClock } from '../../test/harness/virtual-clock.ts';`, 'test'],
    ['services/risk/service.ts', `import { cases } from './service.test.ts';`, 'test'],
    ['bench/a.ts', ``, 'room'],
  ])('rejects, in %s, %s', (path, text, rule) => {
    expect(importViolations([parseSourceFile(path, text)], []).map((one) => one.rule)).toEqual([rule]);
  });

  it.each([
    ['services/shared/domain/a.ts', `import { add } from './decimal.ts';`],
    ['services/risk/core/a.ts', `import type { SignalMessage } from '../../shared/contracts/messages/signal.ts';`],
    ['services/risk/core/a.ts', `import { type SignalMessage } from '../../shared/contracts/messages/signal.ts';`],
    ['services/risk/store/a.ts', `import type { Decision } from '../core/decide.ts';`],
    ['services/shared/venue/mexc/a.ts', `import type { TradingVenue } from '../trading-venue.ts';`],
    ['services/risk/wire.ts', `import { MEXC_RULES } from '../shared/venue/mexc/rules.ts';`],
    ['services/exchange-simulator/rest/mexc/a.ts', `import { a } from '../../../shared/venue/mexc/channels.ts';`],
    ['services/exchange-simulator/service.ts', `import { a } from './rest/mexc/venue-api.ts';`],
    ['services/shared/venue/mexc/a.ts', `import Mexc from '../../../../node_modules/ccxt/js/src/mexc.js';`],
    ['services/risk/wire.ts', `import { insert } from './store/insert.ts';`],
    ['services/risk/core/a.test.ts', `import { createPool } from '../../shared/postgres/pool.ts';`],
    ['test/simulation/a.ts', `import { decide } from '../../services/risk/core/decide.ts';`],
    ['operator/resources/a.ts', `import type { V1Service } from '@kubernetes/client-node';`],
  ])('allows, in %s, %s', (path, text) => {
    expect(importViolations([parseSourceFile(path, text)], [])).toEqual([]);
  });

  it('applies an exception to exactly what it names, and finds exceptions that no import needs', () => {
    const file = parseSourceFile('services/shared/domain/a.ts', `import { z } from 'zod'; import { b } from 'pino';`);
    const exception = { from: /domain\/a\.ts$/, to: /^zod$/, reason: 'a test' };
    const idle = { from: /domain\/b\.ts$/, to: /^zod$/, reason: 'a test' };
    expect(importViolations([file], [exception])).toMatchObject([{ message: 'shared/domain may not import pino' }]);
    expect(idleExceptions([file], [exception, idle])).toEqual([idle]);
  });

  it('finds grants that no import needs, also where types would do', () => {
    const room = {
      name: 'operator/config',
      files: /^operator\/config\.ts$/,
      rooms: { 'operator/api': 'values', 'operator/kube': 'types', 'shared/runtime': 'values' },
      packages: { zod: 'values', undici: 'types' },
      node: ['node:fs', 'node:os'],
    } as const;
    const code = `import { a } from './api/a.ts'; import type { b } from '../services/shared/runtime/b.ts';
      import { z } from 'zod'; import type { Stats } from 'node:fs';`;
    expect(idleGrants([parseSourceFile('operator/config.ts', code)], [room])).toEqual([
      { room: 'operator/config', to: 'operator/kube', grant: 'types' },
      { room: 'operator/config', to: 'shared/runtime', grant: 'values' },
      { room: 'operator/config', to: 'undici', grant: 'types' },
      { room: 'operator/config', to: 'node:os', grant: 'values' },
    ]);
  });
});

describe('names', () => {
  it.each(['services/risk/utils.ts', 'services/helpers/a.ts', 'operator/api/types.ts', 'services/risk/index.ts'])(
    'rejects %s, which has no meaning',
    (path) => expect(nameViolations([path])).toMatchObject([{ path, rule: 'meaning' }]),
  );

  it.each(['services/risk/orderCheck.ts', 'services/Risk/a.ts', 'operator/order_check.test.ts'])(
    'rejects %s, which is not kebab-case',
    (path) => expect(nameViolations([path])).toMatchObject([{ path, rule: 'kebab-case' }]),
  );

  it.each([
    'operator/api/v1alpha1/trading-stack/trading-stack.test.ts',
    'services/risk/README.md',
    'services/a/store/b.redis.test.ts',
  ])('allows %s', (path) => expect(nameViolations([path])).toEqual([]));

  it('rejects what does not belong at the top level', () => {
    expect(topLevelViolations(['operator', 'src', 'package.json'])).toMatchObject([{ path: 'src' }]);
  });
});

describe('sizes', () => {
  const files = (...lines: readonly number[]) => lines.map((count, index) => ({ path: `${index}.ts`, lines: count }));

  it('rejects a file of 401 lines, and allows one of 400', () => {
    expect(sizeViolations(files(10, 10, 10, 10, 10, 10, 10, 10, 10, 400))).toEqual([]);
    expect(sizeViolations(files(10, 10, 10, 10, 10, 10, 10, 10, 10, 401))).toMatchObject([{ path: '9.ts' }]);
  });

  it('rejects a median over 60 and a 90th percentile over 170', () => {
    expect(sizeViolations(files(60, 60, 170))).toEqual([]);
    expect(sizeViolations(files(61)).map((one) => one.path)).toEqual(['.']);
    expect(sizeViolations(files(1, 1, 171)).map((one) => one.message.slice(0, 19))).toEqual(['the 90th percentile']);
  });

  it('rejects a folder of 17 files, tests not counted', () => {
    const folder = (count: number) => Array.from({ length: count }, (_, index) => `operator/kube/a${index}.ts`);
    expect(siblingViolations([...folder(16), 'operator/kube/a.test.ts', 'operator/kube/b/c.ts'])).toEqual([]);
    expect(siblingViolations(folder(17))).toMatchObject([{ path: 'operator/kube' }]);
  });

  it('computes median and percentile by nearest rank', () => {
    expect(sizesOf(files(5, 1, 4, 2, 3))).toEqual({
      files: 5,
      median: 3,
      ninetieth: 5,
      longest: { path: '0.ts', lines: 5 },
    });
  });
});

describe('code', () => {
  const rules = (path: string, text: string) => codeViolations([parseSourceFile(path, text)]).map((one) => one.rule);

  it('rejects process.env outside config.ts, in any spelling', () => {
    expect(rules('services/risk/main.ts', 'const home = process.env.HOME;')).toEqual(['environment']);
    expect(rules('services/risk/service.ts', `const { HOME } = process['env'];`)).toEqual(['environment']);
    expect(rules('services/risk/config.ts', 'const home = process.env.HOME;')).toEqual([]);
    expect(rules('services/risk/service.ts', `/** process.env */ const text = 'process.env';`)).toEqual([]);
  });

  it.each(['if (a) b();', 'const c = a ? b : d;', 'const c = a ?? b;', 'switch (a) { default: }'])(
    'rejects a branch in main.ts: %s',
    (text) => {
      expect(rules('services/risk/main.ts', text)).toEqual(['main']);
      expect(rules('services/risk/wire.ts', text)).toEqual([]);
      expect(rules('services/risk/main.ts', 'await runService({ name });')).toEqual([]);
    },
  );

  it.each([
    'it.skip("a", () => expect(1))',
    'test.only("a", () => expect(1))',
    'describe.skipIf(true)("a", () => expect(1))',
  ])('rejects %s', (text) => expect(rules('services/risk/a.test.ts', text)).toEqual(['switched off']));

  it('rejects a test file without an assertion', () => {
    expect(rules('services/risk/a.test.ts', 'it("a", () => { decide(); }); // expect(1)')).toEqual(['assertion']);
    expect(rules('services/risk/a.test.ts', 'it("a", () => { expect(decide()).toBe(1); });')).toEqual([]);
    expect(rules('services/risk/a.test.ts', 'storeContract("memory", create);')).toEqual([]);
  });
});

describe('cycles', () => {
  const circles = (...files: readonly (readonly [string, string])[]) =>
    cycleViolations(files.map(([path, text]) => parseSourceFile(path, text))).map(({ message }) => message);

  it('rejects a circle that only types close, once', () => {
    const a = ['a/a.ts', `import type { B } from '../b.ts';`] as const;
    const b = ['b.ts', `import { c } from './c.ts';`] as const;
    const c = ['c.ts', `import { a } from './a/a.ts';`] as const;
    expect(circles(a, b, c)).toEqual(['imports itself: a/a.ts -> b.ts -> c.ts -> a/a.ts']);
    expect(circles(a, b, ['c.ts', `import './d.ts';`])).toEqual([]);
  });
});

describe('names of checks', () => {
  const known = checkNames([
    { path: 'a.ts', text: `health.add('feed', () => OK);\n    ['ledger', () => ledger.check()],` },
    { path: 'b.ts', text: `export const BOOK_CHECK = 'book';` },
  ]);

  it('finds those that a service registers', () => expect([...known]).toEqual(['feed', 'ledger', 'book']));

  it('rejects a mention of one that does not exist', () => {
    const found = (text: string) => checkNameViolations([{ path: 'docs/runbook.md', text }], known).length;
    expect(found('The check `feed` fails, and the check "ledger" too.')).toBe(0);
    expect(found('The check `stream` fails.')).toBe(1);
  });
});

describe('reasons', () => {
  const found = (path: string, text: string, ...tables: string[]) =>
    reasonViolations(
      [{ path, text }],
      tables.map((title) => ({ title, reasons: { FeedOld: {} } })),
    ).map(({ message }) => message);

  it.each([
    ['services/ws/service.ts', `return failed('FeedOld', 'x');`, 'Checks'],
    ['services/ws/core/a.ts', `return notReady(\n  'FeedOld',\n  'x',\n);`, 'Checks'],
    ['services/ws/service.ts', `ageCheck({ clock, maxAgeMs: 5, reason: 'FeedOld', what: 'trade' })`, 'Checks'],
    ['services/ws/core/a.ts', `return { ok: false, reason: 'FeedOld', message };`, 'Checks'],
    ['services/ws/config.ts', `throw new ConfigError('FeedOld', []);`, 'Process exits'],
    ['services/execution/a.ts', `return { kind: 'NotSent', reason: 'FeedOld' };`, 'Orders'],
    ['operator/controllers/a.ts', `return { reason: 'FeedOld', message };`, 'Conditions, Events, Gates, Checks'],
    ['charts/platform/files/a.sh', `psql || end FeedOld "no feed"`, 'Process exits'],
  ])('rejects one that the table of its place does not explain, in %s: %s', (path, text, tables) => {
    const missing = `contracts/reasons does not explain FeedOld in ${tables}`;
    expect(found(path, text)).toEqual([missing]);
    expect(found(path, text, 'Another table')).toEqual([missing]);
    expect(found(path, text, ...tables.split(', '))).toEqual([]);
  });

  it.each(['failed(reason, text)', "failed(old ? 'FeedOld' : 'Lagging', text)", 'notReady(state.reason, text)'])(
    'rejects a check whose reason is computed: %s',
    (call) => {
      expect(found('services/ws/a.ts', call)).toEqual(['a check must name its reason as a literal']);
    },
  );

  it.each([
    ['services/shared/runtime/health.ts', 'return failed(reason, text);'],
    ['services/ws/core/a.ts', 'export function notReady(reason: string, message: string): Result {'],
    ['services/ws/core/a.ts', 'get failed(): boolean {'],
  ])('allows in %s: %s', (path, text) => expect(found(path, text)).toEqual([]));

  it('rejects one that no code emits', () => {
    expect(found('services/ws/service.ts', '', 'Checks')).toEqual(['no code emits FeedOld']);
  });
});

describe('language', () => {
  const words = (text: string) => wordViolations('a.ts', text).map(({ path }) => path);

  it.each(['[t]old what to do', 'built [a]new', 'Redis is [a]way', '5 s [u]nless [t]old', 'an order of [o]urs'])(
    'refuses "%s"',
    (text) => expect(words(`\n// ${text.replaceAll(/[[\]]/g, '')}`)).toContain('a.ts:2'),
  );

  it('allows words that only contain one', () => {
    expect(words('intelligent, storytelling, renewed, right away, colours, hours')).toEqual([]);
  });

  it('rejects a comment wider than 120 columns, and leaves code to the formatter', () => {
    expect(commentViolations('a.ts', `x\n * ${'a'.repeat(118)}`)).toMatchObject([{ path: 'a.ts:2' }]);
    for (const mark of ['#', '--']) expect(commentViolations('a', `${mark} ${'a'.repeat(119)}`)).toHaveLength(1);
    expect(commentViolations('a.ts', ` * ${'a'.repeat(117)}\nconst sql = '${'a'.repeat(200)}';`)).toEqual([]);
  });
});

describe('words', () => {
  it.each([
    ['TO', 'DO later'],
    ['// not ', 'implemented'],
    ['// oxlint-', 'disable-next-line'],
    ['value as ', 'any;'],
  ])('rejects %s%s', (...parts) =>
    expect(textViolations('a.ts', `\n${parts.join('')}`)).toMatchObject([{ path: 'a.ts:2', rule: 'words' }]),
  );

  it('allows ordinary words', () => {
    expect(textViolations('a.ts', 'the Todos of anyone, as anything')).toEqual([]);
  });
});

describe('services', () => {
  const complete = ['main.ts', 'wire.ts', 'config.ts', 'README.md', 'service.ts', 'metrics.ts'].map(
    (file) => `services/risk/${file}`,
  );

  it('requires a row for each folder and a folder for each row', () => {
    expect(serviceViolations(complete, [{ name: 'risk', update: 'Rolling' }])).toEqual([]);
    expect(
      serviceViolations([...complete, 'services/other/main.ts'], [{ name: 'risk', update: 'Rolling' }]),
    ).toMatchObject([{ path: 'services/other' }]);
    expect(serviceViolations([], [{ name: 'risk', update: 'Job' }])).toHaveLength(4);
  });

  it('requires a README', () => {
    const paths = complete.filter((path) => !path.endsWith('README.md'));
    expect(serviceViolations(paths, [{ name: 'risk', update: 'Rolling' }])).toMatchObject([
      { path: 'services/risk/README.md' },
    ]);
  });
});

describe('names of services in the operator', () => {
  const rows = [{ name: 'risk' }, { name: 'db-writer' }];
  const text = "const halted = row.name === 'risk';";

  it('rejects a quoted name outside the builder of settings and the API', () => {
    expect(serviceNameViolations([{ path: 'operator/controllers/a.ts', text }], rows)).toMatchObject([
      { path: 'operator/controllers/a.ts' },
    ]);
    expect(serviceNameViolations([{ path: 'operator/a.ts', text: 'of(`db-writer`)' }], rows)).toHaveLength(1);
  });

  it('allows it there, in tests and in prose', () => {
    const paths = ['operator/resources/settings/risk.ts', 'operator/api/a.ts', 'operator/a.test.ts', 'services/a.ts'];
    expect(
      serviceNameViolations(
        paths.map((path) => ({ path, text })),
        rows,
      ),
    ).toEqual([]);
    expect(serviceNameViolations([{ path: 'operator/a.ts', text: "'risk has applied the halt'" }], rows)).toEqual([]);
  });
});

describe('documents', () => {
  const surroundings = {
    exists: (path: string) => path === 'docs/a.md' || path === 'docs',
    scripts: new Set(['check']),
    files: ['services/a/core/b.ts'],
  };
  const messages = (text: string) =>
    documentViolations([{ path: 'docs/a.md', text }], surroundings).map(({ message }) => message);

  it('rejects links and npm scripts that do not exist', () => {
    expect(messages('# One thing\n[a](b.md) `npm run chek` [b](#other)')).toEqual([
      'b.md does not exist',
      '#other: docs/a.md has no such heading',
      'npm run chek does not exist',
    ]);
  });

  it('rejects the path of a source file that does not exist, and allows its last folders', () => {
    expect(messages('`services/a/core/b.ts`, `core/b.ts`, `c.ts`, `core/*.ts`')).toEqual([]);
    expect(messages('`services/a/b.ts`, `ore/b.ts`')).toEqual([
      'services/a/b.ts does not exist',
      'ore/b.ts does not exist',
    ]);
  });

  it('allows links and npm scripts that exist', () => {
    expect(messages('# One `thing`, here\n[a](a.md#one-thing-here) [b](https://example.com) `npm run check`')).toEqual(
      [],
    );
  });
});
