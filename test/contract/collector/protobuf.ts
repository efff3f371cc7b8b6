/** A field of a protobuf message: a number (varint, fixed64 as bytes) or bytes. */
export interface Field {
  number: number;
  value: bigint | Buffer;
}

/** The fields of a message, in the order in which they came: enough of the wire format to read OTLP. */
export function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(message.readUInt8(offset++));
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  const bytes = (length: number): Buffer => message.subarray(offset, (offset += length));
  while (offset < message.length) {
    const tag = Number(varint());
    const [number, wireType] = [tag >> 3, tag & 7];
    if (wireType === 0) fields.push({ number, value: varint() });
    else if (wireType === 1) fields.push({ number, value: bytes(8) });
    else if (wireType === 2) fields.push({ number, value: bytes(Number(varint())) });
    else if (wireType === 5) fields.push({ number, value: bytes(4) });
    else throw new Error(`OTLP has no field of wire type ${String(wireType)}.`);
  }
  return fields;
}

/** The messages, texts or bytes in all fields of a number. */
export function bytesIn(fields: readonly Field[], number: number): Buffer[] {
  return fields.flatMap((each) =>
    each.number === number && Buffer.isBuffer(each.value) ? [each.value] : [],
  );
}

export function textIn(fields: readonly Field[], number: number): string {
  return bytesIn(fields, number)[0]?.toString('utf8') ?? '';
}

export function numberIn(fields: readonly Field[], number: number): number {
  const value = fields.find((each) => each.number === number)?.value ?? 0n;
  return Number(Buffer.isBuffer(value) ? value.readBigUInt64LE() : value);
}
