import { renderRelease, type ServiceRelease } from '../../../operator/releases/render-release.ts';
import type { ChildObject } from '../../../operator/resources/child-object.ts';
import { colouredDeployment } from '../../../operator/resources/deployments/coloured-deployment.ts';
import { buildControlSecret } from '../../../operator/resources/build-control-secret.ts';
import { buildDefaultDenyPolicy } from '../../../operator/resources/build-network-policy.ts';
import { buildPaperAccountSecret } from '../../../operator/resources/build-paper-account-secret.ts';
import { stackContext } from '../../fixtures/stack-observation.ts';
import type { Rendered } from './rendered.ts';

type Change = Readonly<Record<string, unknown>>;

/** Values of the spec that change which objects there are, or what is in their pods. One of each line at a time. */
const OPTIONS: readonly (readonly Change[])[] = [
  [{}, { venue: { credentials: { secretName: 'mexc' } } }],
  [{}, { services: { 'db-writer': { replicas: 2 } } }, { services: { 'db-writer': { replicas: 3 } } }],
  [{}, { services: { ws: { resources: { requests: { cpu: '3' }, limits: { memory: '4Gi' } } } } }],
  [{}, { redis: { host: 'redis.example.com', port: 6_380 } }, { redis: { host: '10.1.2.3' } }],
  [{}, { postgres: { host: 'db.example.com', historyDays: 30 } }],
  [{}, { paper: { faults: true } }, { halt: true, suspend: true, tradingState: 'Reducing' }],
];

/** Returns the objects of the sample stack for each combination of the options, with the changes that it has. */
export function* renderedStacks(): Generator<readonly [changes: string, objects: Rendered[]]> {
  for (const changes of combinations(OPTIONS)) {
    let change: Change = {};
    for (const part of changes) change = merged(change, part);
    yield [JSON.stringify(change), renderStack(change)];
  }
}

/** Returns all objects of a stack, as plain data that a test may change. */
export function renderStack(change: Change = {}): Rendered[] {
  const context = stackContext(change);
  const { tiers } = renderRelease(context, new Map());
  const objects = [
    buildDefaultDenyPolicy(context),
    buildControlSecret(context, 'token'),
    buildPaperAccountSecret(context, { apiKey: 'key', secretKey: 'secret' }),
    ...tiers.flatMap(({ services }) => services.flatMap(objectsOf)),
  ];
  return JSON.parse(JSON.stringify(objects.filter((object) => object !== undefined))) as Rendered[];
}

/** With the Deployment of one colour of the sender. */
function objectsOf({ objects, deployment }: ServiceRelease): readonly ChildObject[] {
  return deployment === undefined ? objects : [...objects, colouredDeployment(deployment, 'blue', 1)];
}

function combinations(lines: readonly (readonly Change[])[]): readonly (readonly Change[])[] {
  const [first, ...rest] = lines;
  if (first === undefined) return [[]];
  return first.flatMap((change) => combinations(rest).map((others) => [change, ...others]));
}

/** Two options may change members of the same part of the spec. */
function merged(whole: Change, part: Change): Change {
  const entries = Object.entries(part).map(([key, value]) => {
    const before = whole[key];
    const isPart = typeof before === 'object' && typeof value === 'object';
    return [key, isPart ? { ...before, ...value } : value] as const;
  });
  return { ...whole, ...Object.fromEntries(entries) };
}
