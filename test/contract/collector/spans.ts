import { bytesIn, fieldsOf, numberIn, textIn } from './protobuf.js';

export type AttributeValue = string | number | boolean | AttributeValue[] | undefined;

const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const;
export type SpanKind = (typeof kinds)[number];

export interface Span {
  traceId: string;
  spanId: string;
  /** Empty for the first span of a trace. */
  parentId: string;
  name: string;
  kind: SpanKind;
  attributes: Record<string, AttributeValue>;
  failed: boolean;
  /** `service.name` of what sent it. */
  service: AttributeValue;
}

const STATUS_ERROR = 2;

interface JsonValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number;
  arrayValue?: { values?: JsonValue[] };
}

interface JsonAttribute {
  key: string;
  value: JsonValue;
}

interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind?: number | string;
  attributes?: JsonAttribute[];
  status?: { code?: number | string };
}

interface JsonTraces {
  resourceSpans?: {
    resource?: { attributes?: JsonAttribute[] };
    scopeSpans?: { spans?: JsonSpan[] }[];
  }[];
}

/** Spans of an OTLP request in JSON. */
export function spansOfJson(text: string): Span[] {
  const { resourceSpans = [] } = JSON.parse(text) as JsonTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) => {
    const service = jsonAttributes(resource?.attributes)['service.name'];
    return scopeSpans.flatMap(({ spans = [] }) => spans.map((span) => jsonSpan(span, service)));
  });
}

function jsonSpan(span: JsonSpan, service: AttributeValue): Span {
  const code = String(span.status?.code ?? 0);
  return {
    traceId: span.traceId.toLowerCase(),
    spanId: span.spanId.toLowerCase(),
    parentId: (span.parentSpanId ?? '').toLowerCase(),
    name: span.name,
    kind: kindOf(span.kind),
    attributes: jsonAttributes(span.attributes),
    failed: code === String(STATUS_ERROR) || code === 'STATUS_CODE_ERROR',
    service,
  };
}

/** A number, or its name in protobuf's mapping to JSON. */
function kindOf(kind: number | string = 0): SpanKind {
  const name = typeof kind === 'number' ? kinds[kind] : kinds.find((each) => kind.endsWith(each));
  return name ?? 'UNSPECIFIED';
}

function jsonAttributes(attributes: JsonAttribute[] = []): Record<string, AttributeValue> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, jsonValue(value)]));
}

function jsonValue(value: JsonValue): AttributeValue {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(jsonValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

/** Spans of an OTLP request in protobuf: the numbers are those of opentelemetry-proto's trace.proto. */
export function spansOfProtobuf(request: Buffer): Span[] {
  return bytesIn(fieldsOf(request), 1).flatMap((resourceSpans) => {
    const fields = fieldsOf(resourceSpans);
    const resource = bytesIn(fields, 1).map(fieldsOf)[0] ?? [];
    const service = binaryAttributes(bytesIn(resource, 1))['service.name'];
    return bytesIn(fields, 2)
      .flatMap((scopeSpans) => bytesIn(fieldsOf(scopeSpans), 2))
      .map((span) => binarySpan(span, service));
  });
}

function binarySpan(span: Buffer, service: AttributeValue): Span {
  const fields = fieldsOf(span);
  const hex = (number: number) => bytesIn(fields, number)[0]?.toString('hex') ?? '';
  const status = bytesIn(fields, 15).map(fieldsOf)[0] ?? [];
  return {
    traceId: hex(1),
    spanId: hex(2),
    parentId: hex(4),
    name: textIn(fields, 5),
    kind: kindOf(numberIn(fields, 6)),
    attributes: binaryAttributes(bytesIn(fields, 9)),
    failed: numberIn(status, 3) === STATUS_ERROR,
    service,
  };
}

function binaryAttributes(attributes: readonly Buffer[]): Record<string, AttributeValue> {
  return Object.fromEntries(
    attributes.map(fieldsOf).map((fields) => {
      const [value] = bytesIn(fields, 2);
      return [textIn(fields, 1), value === undefined ? undefined : binaryValue(value)];
    }),
  );
}

function binaryValue(message: Buffer): AttributeValue {
  const fields = fieldsOf(message);
  const [field] = fields;
  switch (field?.number) {
    case 1:
      return textIn(fields, 1);
    case 2:
      return field.value === 1n;
    case 3:
      return Number(field.value);
    case 4:
      return Buffer.isBuffer(field.value) ? field.value.readDoubleLE() : undefined;
    case 5:
      return bytesIn(fields, 5)
        .flatMap((list) => bytesIn(fieldsOf(list), 1))
        .map(binaryValue);
    default:
      return undefined;
  }
}
