import { breakout, cross, sampleStack, type SampleOptions } from '../fixtures/sample-stack.ts';
import type { WrongResource } from './wrong-resources.ts';

type Change = NonNullable<SampleOptions['change']>;
type Row = readonly [what: string, change: Change, says: string];

const MANY = 10_000;
const image = (text: string): Change => ({ release: { image: text } });
const limits = (of: object): Change => ({ services: { ws: { resources: { limits: of } } } });
const sale = (of: object): Change => ({ execution: { swap: of } });
const canary = (of: object): Change => ({ execution: { canary: of } });
const many = <T>(entry: (index: number) => T): T[] => Array.from({ length: MANY }, (_, index) => entry(index));

/** Text that would be code, an option or another path if something pasted it instead of passing it on. */
const INJECTIONS: readonly Row[] = [
  ['a shell command as image', image('tradingstack:1;reboot'), 'spec.release.image'],
  ['an option as image', image('--privileged:1'), 'spec.release.image'],
  ['a second line in the image', image('tradingstack:1\nprivileged'), 'spec.release.image'],
  ['a template as image', image('{{ .Values.image }}:1'), 'spec.release.image'],
  ['an escape sequence as version', { release: { version: '\u001B[2J1.0.0' } }, 'spec.release.version'],
  ['a second line in the version', { release: { version: '1.0.0\nREADY' } }, 'spec.release.version'],
  ['a path as name of a strategy', { strategies: [cross({ name: '../../etc' })] }, 'spec.strategies[0].name'],
  ['a statement as database', { postgres: { database: 'a"; drop table b; --' } }, 'spec.postgres.database'],
  ['a URL as host', { redis: { host: 'redis://admin@redis' } }, 'spec.redis.host'],
  ['an option as host', { postgres: { host: '-hredis' } }, 'spec.postgres.host'],
  ['a path out of the image as tape', { venue: { tape: { path: '/app/../etc/passwd' } } }, 'spec.venue.tape.path'],
  ['an empty segment in the path of the tape', { venue: { tape: { path: '//host/a' } } }, 'spec.venue.tape.path'],
  ['a key of an object as asset', { paper: { balances: { 'a b': '1', ETH: '10' } } }, 'spec.paper.balances'],
  ['the Secret of another namespace', { venue: { credentials: { secretName: 'kube-system/admin' } } }, 'secretName'],
];

const IMAGES: readonly Row[] = [
  ['a tag that moves', image('registry.example.com/tradingstack:latest'), 'spec.release.image'],
  ['a short digest', image('tradingstack@sha256:abc'), 'spec.release.image'],
  ['a digest of another kind', image(`tradingstack@md5:${'a'.repeat(64)}`), 'spec.release.image'],
  ['an archive of the node as image', image('docker-archive:/var/lib/a.tar'), 'spec.release.image'],
  ['a path as image', image('/etc/passwd:1'), 'spec.release.image'],
  ['a letter of another alphabet', image('registry.example.com/trаdingstack:1'), 'spec.release.image'],
];

const UNITS: readonly Row[] = [
  ['an exponent as amount', { risk: { maxOrderNotional: '1e9' } }, 'spec.risk.maxOrderNotional'],
  ['a hexadecimal amount', { risk: { maxOrderNotional: '0x10' } }, 'spec.risk.maxOrderNotional'],
  ['infinity as amount', { risk: { maxOrderNotional: 'Infinity' } }, 'spec.risk.maxOrderNotional'],
  ['an amount in other digits', { risk: { maxOrderNotional: '١٢' } }, 'spec.risk.maxOrderNotional'],
  ['an exponent as cores', limits({ cpu: '1e9' }), 'limits.cpu'],
  ['more cores than a machine has', limits({ cpu: '1000000000' }), 'limits.cpu'],
  ['an exponent as memory', limits({ memory: '1e9' }), 'limits.memory'],
  ['more memory than a machine has', limits({ memory: '99999999Gi' }), 'limits.memory'],
  ['a negative amount of memory', limits({ memory: '-1Mi' }), 'limits.memory'],
  ['a sale that may never end', sale({ flatDeadlineSeconds: 1_000_000 }), 'flatDeadlineSeconds'],
  ['a sale without any time', sale({ flatDeadlineSeconds: 0 }), 'flatDeadlineSeconds'],
  ['a policy of another name', sale({ positionPolicy: 'Halted' }), 'positionPolicy'],
  ['a canary without a cap', canary({ maxNotional: '0' }), 'execution.canary.maxNotional'],
  ['an exponent as cap of a canary', canary({ maxNotional: '1e9' }), 'execution.canary.maxNotional'],
  ['a negative cap of a canary', canary({ maxNotional: '-10' }), 'execution.canary.maxNotional'],
  ['a number as cap of a canary', canary({ maxNotional: 10 }), 'execution.canary.maxNotional'],
  ['a canary that may never end', canary({ durationSeconds: 1_000_000 }), 'durationSeconds'],
  ['a canary without any time', canary({ durationSeconds: 0 }), 'durationSeconds'],
  ['a canary of an instrument that is not traded', canary({ symbols: ['BNB/BTC'] }), 'execution.canary'],
  ['a canary of no instrument', canary({ symbols: [] }), 'execution.canary.symbols'],
  ['a million pods', { services: { 'db-writer': { replicas: 1_000_000 } } }, 'replicas'],
];

const SIZES: readonly Row[] = [
  ['ten thousand instruments', { instruments: many((at) => ({ symbol: `A${at}/ETH` })) }, 'spec.instruments'],
  ['ten thousand strategies', { strategies: many((at) => breakout({ name: `a${at}` })) }, 'spec.strategies'],
  [
    'ten thousand balances',
    { paper: { balances: Object.fromEntries(many((at) => [`A${at}`, '1'])) } },
    'spec.paper.balances',
  ],
  [
    'a schedule for a regular expression to backtrack on',
    { rollout: { window: { schedule: `${'1-2/3,'.repeat(20_000)}!`, duration: '1h' } } },
    'spec.rollout.window.schedule',
  ],
  ['an image for a regular expression to backtrack on', image(`${'a/'.repeat(100_000)}!`), 'spec.release.image'],
  ['an image of many ports', image(`${'a:1/'.repeat(50_000)}!`), 'spec.release.image'],
  [
    'a host for a regular expression to backtrack on',
    { redis: { host: `${'a-'.repeat(100_000)}!` } },
    'spec.redis.host',
  ],
  ['a symbol of a million letters', { instruments: [{ symbol: `${'A'.repeat(1_000_000)}/ETH` }] }, 'symbol'],
];

/** What somebody who may create TradingStacks, and nothing else, would try. The API server must reject all of it. */
export function hostileResources(options: Omit<SampleOptions, 'change'> = {}): readonly WrongResource[] {
  return [...INJECTIONS, ...IMAGES, ...UNITS, ...SIZES].map(([what, change, says]) => ({
    what,
    resource: sampleStack({ ...options, name: 'hostile', change }),
    says: [says],
  }));
}
