/** A value that no process may write anywhere (invariant I7), and where it is kept. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/** What a process has written, such as its log or its page of metrics. */
export interface Writing {
  readonly source: string;
  readonly text: string;
}

/** A shorter value occurs by chance. */
const LENGTH_MIN = 8;
const SHOWN_MAX = 300;

/** What is secret whatever its value. A signature lets anybody who reads it repeat the request within its window. */
const SHAPES: readonly (readonly [what: string, shape: RegExp])[] = [
  ['a signature', /signature["']?\s*[=:]\s*["']?[0-9a-f]{16,}/gi],
  ['an address with a password', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'?#]*:[^\s/@"'?#]+@/gi],
  ['a listen key', /listenKey["']?\s*[=:]\s*["']?[\w-]{16,}/gi],
];

/**
 * Returns each line that has a secret, in any form in which programs print values, a signature, or an address with a
 * password. The secrets themselves are not repeated. Throws RangeError for a secret too short to be found.
 */
export function leakedSecrets(writings: readonly Writing[], secrets: readonly Secret[]): readonly string[] {
  const wanted = secrets.flatMap(({ name, value }) => {
    if (value.length < LENGTH_MIN)
      throw new RangeError(`the secret ${name} has ${value.length} characters; use at least ${LENGTH_MIN}`);
    return formsOf(value).map((form) => ({ name, form }));
  });
  return writings.flatMap(({ source, text }) =>
    text.split('\n').flatMap((line, index) => {
      const found = [
        ...wanted.filter(({ form }) => line.includes(form)).map(({ name }) => name),
        ...SHAPES.filter(([, shape]) => line.search(shape) >= 0).map(([what]) => what),
      ];
      if (found.length === 0) return [];
      const censored = [
        ...wanted.map(
          ({ form }) =>
            (text_: string) =>
              text_.replaceAll(form, '***'),
        ),
        ...SHAPES.map(
          ([, shape]) =>
            (text_: string) =>
              text_.replaceAll(shape, '***'),
        ),
      ].reduce((text_, censor) => censor(text_), line);
      return [`${source}, line ${index + 1}: ${[...new Set(found)].join(', ')}: ${censored.slice(0, SHOWN_MAX)}`];
    }),
  );
}

/** As text, in JSON, in JSON within JSON, in an address, in Base64 as part of a longer text, as a printed buffer. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const forms = [
    value,
    escaped(value),
    escaped(escaped(value)),
    encodeURIComponent(value),
    ...[0, 1, 2].map((before) => base64Of(bytes, before)),
    hex,
    hex.replaceAll(/..(?=.)/g, '$& '),
    bytes.join(','),
  ];
  return [...new Set(forms)];
}

function escaped(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** Returns the characters of Base64 that only these bytes decide, `before` bytes after the start of three. */
function base64Of(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const isWhole = (before + bytes.length) % 3 === 0;
  return text.slice(before === 0 ? 0 : before + 1, isWhole ? text.length : -1);
}
