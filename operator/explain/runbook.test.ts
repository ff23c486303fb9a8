import { describe, expect, it } from 'vitest';
import { SENDER_ROLES } from '../../services/shared/contracts/statusz.ts';
import { REASON_GROUPS } from '../../services/shared/contracts/reasons.ts';
import { runbookTables, withTables } from './runbook.ts';

const text = '# Runbook\n\n<!-- generated: a -->\nold\n<!-- end: a -->\n\nrest\n';

describe('runbook tables', () => {
  it('replaces what is between the markers, and nothing else', () => {
    const result = withTables(text, new Map([['a', 'new']]));
    expect(result).toBe('# Runbook\n\n<!-- generated: a -->\n\nnew\n\n<!-- end: a -->\n\nrest\n');
    expect(withTables(result, new Map([['a', 'new']]))).toBe(result);
  });

  it('refuses a table without a place and a place without a table', () => {
    expect(() =>
      withTables(
        text,
        new Map([
          ['a', ''],
          ['b', ''],
        ]),
      ),
    ).toThrow('no place for the tables b');
    expect(() => withTables(text, new Map())).toThrow('no table is called a');
  });

  it('aligns columns', () => {
    const lines = runbookTables().get('conditions')?.split('\n') ?? [];
    expect(lines[0]).toMatch(/^\| condition +\| True means +\|$/);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  });
});

describe('reasons', () => {
  const groups = REASON_GROUPS.flatMap(({ reasons }) => Object.entries(reasons));

  it.each(groups)('%s has a meaning and a remedy in full sentences', (reason, { meaning, remedy }) => {
    expect(reason).toMatch(/^[A-Z][A-Za-z]+$/);
    for (const sentence of [meaning, remedy]) expect(sentence).toMatch(/^["A-Za-z].*[.]$/);
    expect(`${meaning}${remedy}`).not.toContain('|');
  });

  it('has one for every role that keeps execution from sending', () => {
    const names = new Set(groups.map(([reason]) => reason));
    for (const role of SENDER_ROLES) expect(names).toContain(`Sender${role.charAt(0).toUpperCase()}${role.slice(1)}`);
  });
});
