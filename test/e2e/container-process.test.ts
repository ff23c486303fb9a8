import { expect, it } from 'vitest';
import { peerRules } from './container-process.ts';

it('cuts a pod off some addresses in both directions, and fails if a rule does', () => {
  expect(peerRules(['10.0.0.1', '10.0.0.2'], 'cut')).toBe(
    'iptables -I INPUT -s 10.0.0.1 -j DROP && iptables -I OUTPUT -d 10.0.0.1 -j DROP && ' +
      'iptables -I INPUT -s 10.0.0.2 -j DROP && iptables -I OUTPUT -d 10.0.0.2 -j DROP',
  );
});

it('restores every rule that is there, whether or not the others are', () => {
  expect(peerRules(['10.0.0.1'], 'restore')).toBe(
    'iptables -D INPUT -s 10.0.0.1 -j DROP; iptables -D OUTPUT -d 10.0.0.1 -j DROP; true',
  );
});
