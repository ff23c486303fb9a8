import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  catalogueRow,
  databaseRoleOf,
  groupsOf,
  platformSecretOf,
  senderRow,
  type ServiceName,
} from './catalogue.ts';
import { TIERS } from './service-row.ts';
import {
  bookStream,
  deadLetterStream,
  FILLS,
  INSTRUMENTS,
  ORDERS_APPROVED,
  ORDERS_EVENTS,
  SIGNALS,
  tradesStream,
} from './keys.ts';

const names = CATALOGUE.map(({ name }) => name);
const MIGRATIONS = new URL('../postgres/migrations/', import.meta.url);
const schema = readdirSync(MIGRATIONS)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => readFileSync(new URL(file, MIGRATIONS), 'utf8'))
  .join('\n');

describe('the catalogue', () => {
  it('has unique names and ports', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(CATALOGUE.map(({ port }) => port)).size).toBe(CATALOGUE.length);
  });

  it.each(CATALOGUE)(
    '$name has a name, port and resources that Kubernetes accepts',
    ({ name, port, replicas, resources }) => {
      expect(name).toMatch(/^[a-z]([-a-z0-9]{0,29}[a-z0-9])?$/);
      expect(port).toBeGreaterThan(1023);
      expect(port).toBeLessThan(32_768);
      expect(replicas).toBeGreaterThan(0);
      for (const { cpu, memory } of [resources.requests, resources.limits]) {
        expect(cpu).toMatch(/^\d+m?$/);
        expect(memory).toMatch(/^\d+(Mi|Gi)$/);
      }
    },
  );

  it.each(CATALOGUE)(
    'connects $name only to existing peers, and to no service of a later tier',
    ({ name, tier, peers }) => {
      const known = new Set<string>([...names, 'redis', 'postgres']);
      expect(peers.filter((peer) => !known.has(peer))).toEqual([]);
      expect(peers).not.toContain(name);
      const services = CATALOGUE.filter((row) => (peers as readonly string[]).includes(row.name));
      expect(services.filter((row) => TIERS.indexOf(row.tier) > TIERS.indexOf(tier))).toEqual([]);
    },
  );

  it.each(CATALOGUE)(
    'gives $name access rights to exactly the stores among its peers',
    ({ peers, redis, database }) => {
      expect(peers.includes('redis')).toBe(redis !== undefined);
      expect(peers.includes('postgres')).toBe(database !== undefined);
    },
  );

  it('grants only on tables, views and functions that a migration creates', () => {
    const tables = new Set(
      [...schema.matchAll(/create (?:table|view|function) (?:if not exists )?([a-z_]+\.[a-z_]+)/gi)].map(
        ([, name]) => name,
      ),
    );
    const granted = CATALOGUE.flatMap(({ database }) => database ?? []).map(({ on }) => on);
    expect(granted.filter((on) => !tables.has(on))).toEqual([]);
  });

  it('gives the venue keys to execution and the simulator only', () => {
    const holders = CATALOGUE.filter(({ venueKeys }) => venueKeys).map(({ name }) => name);
    expect(holders.toSorted()).toEqual(['exchange-simulator', 'execution']);
    expect(CATALOGUE.filter(({ update }) => update === 'Fenced').map(({ name }) => name)).toEqual(['execution']);
  });

  it('lists its services in tier order, at least one per tier', () => {
    const order = CATALOGUE.map(({ tier }) => TIERS.indexOf(tier));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect([...new Set(CATALOGUE.map(({ tier }) => tier))]).toEqual([...TIERS]);
  });

  it('derives role and Secret from the name, and rejects an unknown name', () => {
    expect(databaseRoleOf('db-writer')).toBe('db_writer');
    expect(platformSecretOf('db-writer')).toBe('platform-db-writer');
    expect(catalogueRow('risk').port).toBe(8002);
    expect(() => catalogueRow('other' as ServiceName)).toThrow('other');
  });

  it('lets a group read every stream that it consumes, and trims only streams that have a group', () => {
    for (const { redis } of CATALOGUE) {
      const readable = (stream: string) =>
        redis?.read.some((key) => key === stream || (key.endsWith('*') && stream.startsWith(key.slice(0, -1))));
      for (const stream of redis?.consumes ?? []) expect(readable(stream)).toBe(true);
      for (const stream of redis?.trims ?? []) expect(groupsOf(stream)).not.toEqual([]);
    }
    expect(groupsOf(SIGNALS)).toEqual(expect.arrayContaining(['db-writer', 'risk']));
    expect(groupsOf(ORDERS_APPROVED)).toEqual(['execution']);
  });

  it('has one sender of orders, one service that reports the feed, two that may have several pods, and two that confirm a halt', () => {
    expect(senderRow().name).toBe('execution');
    expect(CATALOGUE.filter(({ reportsFeed }) => reportsFeed).map(({ name }) => name)).toEqual(['ws']);
    const several = CATALOGUE.filter(({ replicasMax }) => replicasMax !== undefined);
    expect(several.map(({ name, replicas, replicasMax }) => [name, replicas, replicasMax])).toEqual([
      ['db-writer', 1, 3],
      ['execution', 2, 2],
    ]);
    expect(CATALOGUE.filter(({ carriesHalt }) => carriesHalt).map(({ name }) => name)).toEqual(['risk', 'execution']);
  });
});

describe('streams', () => {
  const WRITERS: readonly (readonly [string, readonly ServiceName[]])[] = [
    [tradesStream('XRP/ETH'), ['ws']],
    [bookStream('XRP/ETH'), ['ws']],
    [INSTRUMENTS, ['ws']],
    [SIGNALS, ['signal']],
    [ORDERS_APPROVED, ['risk', 'execution']],
    [ORDERS_EVENTS, ['execution']],
    [FILLS, ['execution']],
    [deadLetterStream(SIGNALS), ['risk', 'db-writer']],
    [deadLetterStream(ORDERS_APPROVED), ['execution']],
  ];

  it('have a dash in place of the slash of the symbol', () => {
    expect([tradesStream('XRP/ETH'), bookStream('XRP/ETH')]).toEqual(['md.trades.XRP-ETH', 'md.book.XRP-ETH']);
    expect(deadLetterStream(SIGNALS)).toBe('dead.signals');
  });

  it.each(WRITERS)('are writable: %s by %j', (stream, writers) => {
    const matches = (pattern: string) =>
      pattern.endsWith('*') ? stream.startsWith(pattern.slice(0, -1)) : pattern === stream;
    expect(writers.filter((name) => !catalogueRow(name).redis?.write.some((pattern) => matches(pattern)))).toEqual([]);
  });
});
