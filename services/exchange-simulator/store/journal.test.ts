import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { AccountEvent } from '../core/events.ts';
import { eventOf, type JournalEntry } from './journal-entry.ts';
import { Journal, JournalError, openJournal } from './journal.ts';

const d = parseDecimal;
const order = {
  account: 'paper',
  clientOrderId: 'c1',
  symbol: 'XRP/ETH',
  side: 'buy',
  type: 'LIMIT',
  price: d('0.001'),
  quantity: d('5'),
  quoteQuantity: d('0'),
} as const;
const request = { time: 1, recvWindowMs: 2_000, receivedAt: 3 };
const EVENTS: readonly AccountEvent[] = [
  { kind: 'placed', ...order, orderId: 'o1', lockedAsset: 'ETH', locked: d('0.005'), request, time: 4 },
  { kind: 'rejected', ...order, code: 30004, message: 'Insufficient position', request, time: 5 },
  {
    kind: 'fill',
    tradeId: 't1',
    orderId: 'o1',
    clientOrderId: 'c1',
    account: 'paper',
    symbol: 'XRP/ETH',
    side: 'buy',
    price: d('0.001'),
    quantity: d('2'),
    fee: d('0.000001'),
    feeAsset: 'ETH',
    maker: true,
    selfTrade: false,
    completes: false,
    time: 6,
  },
  {
    kind: 'cancelled',
    orderId: 'o1',
    clientOrderId: 'c1',
    account: 'paper',
    symbol: 'XRP/ETH',
    cause: 'request',
    time: 7,
  },
  { kind: 'transferred', account: 'paper', asset: 'ETH', amount: d('-0.000000000000000001'), time: 8 },
];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

function open(time = 1): { journal: Journal; entries: JournalEntry[] } {
  const entries: JournalEntry[] = [];
  const opened = { time, idPrefix: String(time), balances: { paper: { ETH: '10' } } };
  const journal = new Journal({ directory: join(directory, 'data'), opened, onEntry: (entry) => entries.push(entry) });
  return { journal, entries };
}

function restored(): void {
  const opened = { time: 1, idPrefix: '1', balances: {} };
  openJournal({ directory: join(directory, 'data'), opened, open: () => ({ restore: () => {} }) });
}

function file(): string {
  return join(directory, 'data', 'journal.jsonl');
}

describe('Journal', () => {
  it('begins with the opening, and returns appended events unchanged after a restart', () => {
    const first = open(1);
    first.journal.append(EVENTS.slice(0, 2));
    first.journal.append(EVENTS.slice(2));
    first.journal.close();
    const { entries, journal } = open(2);
    expect(entries[0]).toEqual({ seq: 1, kind: 'opened', time: 1, idPrefix: '1', balances: { paper: { ETH: '10' } } });
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(entries.flatMap((entry) => (entry.kind === 'opened' ? [] : [eventOf(entry)]))).toEqual(EVENTS);
    expect(journal.cutBytes).toBe(0);
    journal.close();
  });

  it('stores plain decimals and flat request times for its readers', () => {
    const { journal } = open();
    journal.append(EVENTS.slice(0, 1));
    expect(journal.read(1, 10)).toEqual([
      expect.objectContaining({
        seq: 2,
        kind: 'placed',
        price: '0.001',
        locked: '0.005',
        requestTime: 1,
        recvWindowMs: 2_000,
        receivedAt: 3,
        time: 4,
      }),
    ]);
    journal.close();
  });

  it('truncates a torn last line of any length, and continues with the right sequence number', () => {
    const { journal } = open();
    journal.append(EVENTS.slice(0, 1));
    journal.close();
    const whole = readFileSync(file());
    open().journal.append(EVENTS.slice(1, 2));
    const line = readFileSync(file()).subarray(whole.length);
    for (let length = 1; length < line.length; length += 7) {
      writeFileSync(file(), Buffer.concat([whole, line.subarray(0, length)]));
      const reopened = open();
      expect(reopened.journal.cutBytes).toBe(length);
      expect(reopened.journal.lastSeq).toBe(2);
      reopened.journal.append(EVENTS.slice(1, 2));
      expect(reopened.journal.lastSeq).toBe(3);
      reopened.journal.close();
      expect(readFileSync(file()).equals(Buffer.concat([whole, line]))).toBe(true);
    }
  });

  it('rejects an invalid line in the middle or a missing line, which no crash explains', () => {
    open().journal.append(EVENTS.slice(0, 1));
    appendFileSync(file(), 'rubbish\n[]\n');
    expect(() => open()).toThrow(JournalError);
    rmSync(file());
    open().journal.append(EVENTS.slice(0, 1));
    appendFileSync(file(), '[{"seq":9,"kind":"cancelled"}]\n');
    expect(() => open()).toThrow('SequenceGap: 9 follows 2');
  });

  it('rejects an amount that is not a decimal', () => {
    open().journal.append(EVENTS.slice(0, 1));
    const damaged = readFileSync(file(), 'utf8').replace('"locked":"0.005"', '"locked":"0.0x5"');
    writeFileSync(file(), damaged);
    expect(() => restored()).toThrow('CorruptLine: journal.jsonl, entry 2');
  });

  it('reads from any sequence number in bounded pages, across its index', () => {
    const { journal } = open();
    for (let count = 0; count < 300; count += 1) journal.append(EVENTS.slice(1, 3));
    expect(journal.lastSeq).toBe(601);
    for (const after of [0, 1, 2, 127, 128, 129, 598, 600]) {
      const page = journal.read(after, 3);
      expect(page.map(({ seq }) => seq)).toEqual([after + 1, after + 2, after + 3].filter((seq) => seq <= 601));
    }
    expect(journal.read(601, 3)).toEqual([]);
    journal.close();
    const reopened = open();
    expect(reopened.journal.read(450, 1)).toMatchObject([{ seq: 451 }]);
    reopened.journal.close();
  });
});
