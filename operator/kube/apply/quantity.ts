/** Suffixes of `resource.Quantity` (apimachinery `pkg/api/resource/quantity.go`) as powers of ten or of two. */
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

const SYNTAX =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<fraction>\d*))?(?:[eE](?<exponent>[+-]?\d{1,3})|(?<suffix>[numkMGTPE]|[KMGTPE]i))?$/u;

/** Fixed decimal scale, finer than nano, the smallest unit of a quantity. */
const SCALE = 18;

/**
 * Returns whether two quantities are equal, such as `0.1` and `100m`, or `1024Mi` and `1Gi`. False if either is not a
 * valid quantity.
 */
export function isSameQuantity(a: string | number, b: string | number): boolean {
  const left = parse(String(a));
  return left !== undefined && left === parse(String(b));
}

function parse(text: string): bigint | undefined {
  const parts = SYNTAX.exec(text)?.groups;
  const digits = digitsOf(parts);
  return parts === undefined || digits === '' ? undefined : scaled(parts, digits);
}

type Parts = Readonly<Record<string, string | undefined>>;

function digitsOf(parts: Parts | undefined): string {
  return `${parts?.['whole'] ?? ''}${parts?.['fraction'] ?? ''}`;
}

function scaled(parts: Parts, digits: string): bigint {
  const { sign, fraction = '', suffix = '', exponent = DECIMAL[suffix] ?? 0 } = parts;
  const power = SCALE - fraction.length + Number(exponent);
  const amount = BigInt(digits) << (BINARY[suffix] ?? 0n);
  const value = power >= 0 ? amount * 10n ** BigInt(power) : amount / 10n ** BigInt(-power);
  return sign === '-' ? -value : value;
}
