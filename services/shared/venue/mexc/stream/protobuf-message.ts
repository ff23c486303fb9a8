import protobuf from 'protobufjs/minimal.js';

/**
 * Wire type of a field; `[fields]` is a repeated message. int64 is read as a number, because the venue's int64 fields
 * are milliseconds.
 */
export type FieldType = 'string' | 'int32' | 'int64' | 'bool' | readonly [MessageFields];
/** Number and type of each field by name, as in a .proto file. */
export type MessageFields = { readonly [name: string]: readonly [number, FieldType] };

type FieldValue<T extends FieldType> = T extends 'string'
  ? string
  : T extends 'bool'
    ? boolean
    : T extends readonly [infer F extends MessageFields]
      ? readonly Message<F>[]
      : number;
/** Plain object of a message; a field absent on the wire has proto3's default. */
export type Message<F extends MessageFields> = { readonly [K in keyof F]: FieldValue<F[K][1]> };

type Plain = Record<string, unknown>;

/** Writes a message; proto3 omits defaults ('', 0, false). */
export function writeMessage<F extends MessageFields>(
  fields: F,
  message: Message<F>,
  writer: protobuf.Writer = protobuf.Writer.create(),
): protobuf.Writer {
  for (const [name, [id, type]] of Object.entries(fields)) {
    const value = (message as Plain)[name];
    if (typeof type === 'string') writeScalar(writer, id, type, value);
    else for (const item of value as readonly Plain[]) writeNested(writer, id, type[0], item);
  }
  return writer;
}

/** Writes an embedded message as field `id`. */
export function writeNested(writer: protobuf.Writer, id: number, fields: MessageFields, message: Plain): void {
  writeMessage(fields, message as Message<MessageFields>, writer.uint32((id << 3) | LENGTH_DELIMITED).fork()).ldelim();
}

/**
 * Reads a message of `length` bytes (default: the rest of the reader). Unknown fields are skipped, as proto3 requires.
 * Throws RangeError or Error when the bytes end early or a known field has the wrong wire type.
 */
export function readMessage<F extends MessageFields>(fields: F, reader: protobuf.Reader, length?: number): Message<F> {
  const message = emptyMessage(fields);
  const byId = new Map(Object.entries(fields).map(([name, [id, type]]) => [id, { name, type }]));
  const end = length === undefined ? reader.len : reader.pos + length;
  if (end > reader.len) throw new RangeError('message ends beyond its frame');
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = byId.get(tag >>> 3);
    if (field === undefined) reader.skipType(tag & 7);
    else readField(reader, message, field, tag & 7);
  }
  return message as Message<F>;
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

function readField(
  reader: protobuf.Reader,
  message: Plain,
  { name, type }: { readonly name: string; readonly type: FieldType },
  wireType: number,
): void {
  const expected = typeof type === 'string' && type !== 'string' ? VARINT : LENGTH_DELIMITED;
  if (wireType !== expected) throw new Error(`field ${name} has wire type ${wireType}`);
  if (typeof type === 'string') message[name] = readScalar(reader, type);
  else (message[name] as Plain[]).push(readMessage(type[0], reader, reader.uint32()));
}

function emptyMessage(fields: MessageFields): Plain {
  const message: Plain = {};
  for (const [name, [, type]] of Object.entries(fields)) message[name] = typeof type === 'string' ? DEFAULTS[type] : [];
  return message;
}

const DEFAULTS = { string: '', int32: 0, int64: 0, bool: false } as const;

function readScalar(reader: protobuf.Reader, type: keyof typeof DEFAULTS): string | number | boolean {
  if (type === 'string') return reader.string();
  if (type === 'int32') return reader.int32();
  if (type === 'bool') return reader.bool();
  // A Long if that package is present at run time, a number in a bundle without it.
  const value: unknown = reader.int64();
  return Number(String(value));
}

function writeScalar(writer: protobuf.Writer, id: number, type: keyof typeof DEFAULTS, value: unknown): void {
  if (value === DEFAULTS[type] || value === undefined) return;
  if (type === 'string') writer.uint32((id << 3) | LENGTH_DELIMITED).string(value as string);
  else if (type === 'int32') writer.uint32(id << 3).int32(value as number);
  else if (type === 'int64') writer.uint32(id << 3).int64(value as number);
  else writer.uint32(id << 3).bool(value as boolean);
}
