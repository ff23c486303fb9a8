import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import type { RedisAccess } from '../../../services/shared/contracts/service-row.ts';
import { platformServicesFile, redisRules } from './platform-chart-files.ts';

describe('platformServicesFile', () => {
  it('lists every service that connects to Redis or Postgres, with user and role', () => {
    const file = JSON.parse(platformServicesFile()) as {
      services: { name: string; redis?: unknown; postgres?: unknown }[];
    };
    const listed = file.services.map(({ name, redis, postgres }) => [
      name,
      redis !== undefined,
      postgres !== undefined,
    ]);
    const expected = CATALOGUE.filter(({ peers }) => peers.includes('redis') || peers.includes('postgres')).map(
      ({ name, peers }) => [name, peers.includes('redis'), peers.includes('postgres')],
    );
    expect(listed).toEqual(expected);
  });

  it('returns the same bytes for the same catalogue', () => {
    expect(platformServicesFile()).toBe(platformServicesFile([...CATALOGUE]));
  });
});

describe('redisRules', () => {
  it('resets all rights first and grants keys per direction', () => {
    const rules = redisRules({ read: ['md.*'], write: ['signals'] });
    expect(rules.slice(0, 5)).toEqual(['resetkeys', 'resetchannels', '-@all', '%R~*:md.*', '%W~*:signals']);
    expect(rules).not.toContain('+flushall');
  });

  it.each<[RedisAccess, readonly string[], readonly string[]]>([
    [{ read: [], write: ['md.*'] }, ['+xadd'], ['+xread', '+xreadgroup']],
    [{ read: ['md.*'], write: [] }, ['+xread'], ['+xadd', '+xreadgroup', '+eval', '+get', '+set']],
    [{ read: ['a'], write: ['a'], scripts: true }, ['+evalsha', '+eval', '+time', '+get', '+set'], ['+script', '+del']],
  ])('grants %j only its own commands', (access, present, absent) => {
    const rules = redisRules(access);
    expect(present.filter((rule) => !rules.includes(rule))).toEqual([]);
    expect(absent.filter((rule) => rules.includes(rule))).toEqual([]);
  });
});
