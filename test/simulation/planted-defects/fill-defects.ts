import { ZERO } from '../../../services/shared/domain/decimal.ts';
import { client, type PlantedDefect } from './planted-defect.ts';

/** Mistakes in what reads the venue's list of fills. */
export const FILL_DEFECTS: readonly PlantedDefect[] = [
  {
    name: 'a client that does not fetch the fills that the stream lost',
    overrides: () =>
      client((sound) => ({
        fills: async (symbol) => await sound.fills(symbol, { fromMs: Number.MAX_SAFE_INTEGER - 1 }),
      })),
    breaks: [/^I5: fill .* at the venue and "absent" here/, /^I5: cash/],
  },
  {
    name: 'a client that takes a page of fills for all of them',
    overrides: () =>
      client((sound) => ({
        fills: async (symbol, range) => {
          const reply = await sound.fills(symbol, range);
          return reply.kind === 'ok'
            ? { kind: 'ok', value: { ...reply.value, fills: reply.value.fills.slice(-1), complete: true } }
            : reply;
        },
      })),
    breaks: [/^I5: fill .* at the venue and "absent" here/],
  },
  {
    name: 'a client that names a trade otherwise in a list than in a push',
    overrides: () =>
      client((sound) => ({
        fills: async (symbol, range) => {
          const reply = await sound.fills(symbol, range);
          if (reply.kind !== 'ok') return reply;
          const renamed = reply.value.fills.map((fill) => ({ ...fill, venueTradeId: `${fill.venueTradeId}-0` }));
          return { kind: 'ok', value: { ...reply.value, fills: renamed } };
        },
      })),
    breaks: [/^I5: fill .* is unknown to the venue/],
  },
  {
    name: 'a client that reads no fee in a list of fills',
    overrides: () =>
      client((sound) => ({
        fills: async (symbol, range) => {
          const reply = await sound.fills(symbol, range);
          if (reply.kind !== 'ok') return reply;
          const free = reply.value.fills.map((fill) => ({ ...fill, fee: ZERO }));
          return { kind: 'ok', value: { ...reply.value, fills: free } };
        },
      })),
    breaks: [/^I5: fill .* at the venue and "(?!absent)/, /^I5: cash/],
  },
];
