import {
  CATALOGUE,
  databaseRoleOf,
  platformSecretOf,
  type CatalogueRow,
} from '../../../services/shared/contracts/catalogue.ts';
import type { RedisAccess } from '../../../services/shared/contracts/service-row.ts';
import { DATABASE, DATABASE_SCHEMAS } from '../../../services/shared/contracts/database.ts';
import { keyPrefixOf } from '../../../services/shared/contracts/keys.ts';

/**
 * Returns `charts/platform/files/services.json`: what the platform chart creates for each service. A chart cannot read
 * TypeScript.
 */
export function platformServicesFile(rows: readonly CatalogueRow[] = CATALOGUE): string {
  const services = rows.flatMap((row) => {
    const redis = row.redis === undefined ? undefined : { user: row.name, rules: redisRules(row.redis).join(' ') };
    const postgres = row.peers.includes('postgres') ? { role: databaseRoleOf(row.name) } : undefined;
    if (redis === undefined && postgres === undefined) return [];
    return [{ name: row.name, secret: platformSecretOf(row.name), redis, postgres }];
  });
  return `${JSON.stringify({ database: DATABASE, schemas: DATABASE_SCHEMAS, services }, undefined, 2)}\n`;
}

const ANY_STACK = keyPrefixOf('*');

/** Commands that clients send when they connect, and health commands. */
const CONNECTION = ['ping', 'info', 'client|setname', 'client|id'];
const READ = [
  'xread',
  'xrange',
  'xrevrange',
  'xlen',
  'xinfo|stream',
  'xinfo|groups',
  'xinfo|consumers',
  'xpending',
  'hget',
  'hgetall',
];
const WRITE = [
  'xadd',
  'xack',
  'xclaim',
  'xautoclaim',
  'xgroup|create',
  'xgroup|delconsumer',
  'xtrim',
  'hset',
  'hdel',
  'expire',
];
/** To run our scripts, and what they call. A script has no right that its user has not. */
const SCRIPTS = ['eval', 'evalsha', 'time', 'get', 'set'];

/**
 * Returns the rules of a user in ACL file syntax, without `user <name>` and password: the named keys of any stack and
 * the commands, nothing else. The rules cover any stack because a Redis is set up before the stacks that use it have an
 * ID.
 */
export function redisRules({ read, write, scripts }: RedisAccess): readonly string[] {
  // Reading as a group member also writes: the state of the group is part of the stream.
  const group = read.length > 0 && write.length > 0 ? ['xreadgroup'] : [];
  const commands = [
    ...CONNECTION,
    ...(read.length > 0 ? READ : []),
    ...group,
    ...(write.length > 0 ? WRITE : []),
    ...(scripts === true ? SCRIPTS : []),
  ];
  return [
    'resetkeys',
    'resetchannels',
    '-@all',
    ...read.map((pattern) => `%R~${ANY_STACK}${pattern}`),
    ...write.map((pattern) => `%W~${ANY_STACK}${pattern}`),
    ...commands.map((command) => `+${command}`),
  ];
}
