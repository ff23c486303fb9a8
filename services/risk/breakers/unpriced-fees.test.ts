import { beforeEach, describe, expect, it } from 'vitest';
import { ExitStack, SYMBOL, type RiskProcess } from '../../../test/harness/exit-stack.ts';
import { riskTestSettings } from '../../../test/fixtures/risk-settings.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { BreakerRules } from '../core/breakers/account-breaches.ts';

const d = parseDecimal;
const MIDNIGHT_MS = 1_767_225_600_000;
const DAY_MS = 86_400_000;
const LOSS = { maxDailyLoss: d('0.1') };
const DRAWDOWN = { maxDrawdownPercent: d('10') };
const RESET = { id: '1', author: 'ada', reason: 'reviewed' };
let stack: ExitStack;

beforeEach(() => {
  stack = new ExitStack();
  stack.clock.setNow(MIDNIGHT_MS + 10 * 3_600_000);
});

async function start(breakers: BreakerRules): Promise<RiskProcess> {
  stack.settings = { ...riskTestSettings, breakers };
  return await stack.start();
}

/** Lets seconds pass at a bid, with a new book each second. */
async function at(bid: string, seconds: number, risk: RiskProcess): Promise<void> {
  await stack.trade(seconds, risk, { [SYMBOL]: bid });
}

/** All fees so far in MX, of which no pair is configured. */
function payFee(total: string): void {
  stack.record.feesPaid.set('MX', d(total));
}

describe('a fee without a price', () => {
  it('makes the equity unknown, and is named', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    payFee('1');
    await at('0.0014', 5, risk);
    expect(await stack.enter(risk)).toBe('EquityUnknown');
    expect(risk.breakers.status()).toMatchObject({ equity: null, problem: expect.stringContaining('MX/ETH') });
    expect(risk.breakers.figures()).toMatchObject({ 'fees.MX': '1' });
  });

  it('is contained in the equity of the next UTC day, and the next fee is not', async () => {
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    payFee('1');
    await at('0.0014', 5, risk);
    stack.clock.setNow(MIDNIGHT_MS + DAY_MS);
    await stack.compareBalances();
    await at('0.0014', 2, risk);
    expect(await stack.enter(risk)).toBe('EquityUnknown');
    await at('0.0014', 3, risk);
    expect(await stack.enter(risk)).toBe('Approved');
    payFee('1.5');
    await at('0.0014', 2, risk);
    expect(risk.breakers.status()).toMatchObject({ equity: null, problem: expect.stringContaining('MX/ETH') });
  });

  it('does not count after the pair of its asset was removed', async () => {
    stack.settings = { ...riskTestSettings, symbols: [SYMBOL, 'MX/ETH'], breakers: LOSS };
    const before = await stack.start();
    payFee('1');
    await at('0.0014', 7, before);
    await stack.stop();
    const risk = await start(LOSS);
    await at('0.0014', 5, risk);
    expect(risk.breakers.status()).toMatchObject({ equity: '1.70025', problem: '' });
    expect(await stack.enter(risk)).toBe('Approved');
  });

  it('is contained after a reset by a person, who is not left waiting for the equity', async () => {
    const risk = await start(DRAWDOWN);
    await at('0.0019', 5, risk);
    await at('0.0014', 5, risk);
    payFee('1');
    await at('0.0014', 3, risk);
    expect(risk.breakers.status()).toMatchObject({ equity: null, problem: expect.stringContaining('MX/ETH') });
    stack.risk.breakers.resets = [RESET];
    await at('0.0014', 5, risk);
    expect([stack.risk.breakers.tripped, stack.risk.breakers.resets]).toEqual([[], []]);
    expect(await stack.enter(risk)).toBe('Approved');
    payFee('2');
    await at('0.0014', 2, risk);
    expect(risk.breakers.status()).toMatchObject({ equity: null });
  });

  it('is contained after a reset while nothing has tripped', async () => {
    const risk = await start(DRAWDOWN);
    await at('0.0014', 6, risk);
    payFee('1');
    stack.risk.breakers.resets = [RESET];
    await at('0.0014', 5, risk);
    expect(stack.risk.breakers.resets).toEqual([]);
    expect([stack.risk.breakers.equity?.fees.get('MX'), await stack.enter(risk)]).toEqual([d('1'), 'Approved']);
  });
});
