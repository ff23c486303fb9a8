import { expect, it } from 'vitest';
import { toRestore } from './network.ts';

it('puts back every kernel setting, but forwarding only where no other bridge needs it', () => {
  const values = { 'net/ipv4/ip_forward': '0', 'kernel/panic': '0' };
  expect(toRestore(values, ['tradingstack0'])).toEqual(Object.entries(values));
  expect(toRestore(values, ['docker0'])).toEqual([['kernel/panic', '0']]);
});
