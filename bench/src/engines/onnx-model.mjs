// Writes ONNX models in memory: just as much of the protocol buffers as a graph of float32 tensors needs.
// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 has the numbers of the fields.

const text = new TextEncoder();

function varint(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}

/** A field of whole numbers; `length` is the one of a field of bytes, which follow. */
const whole = (field, value) => [Uint8Array.from([...varint(field * 8), ...varint(value)])];
const bytes = (field, chunks) => {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return [Uint8Array.from([...varint(field * 8 + 2), ...varint(length)]), ...chunks];
};
const string = (field, value) => bytes(field, [text.encode(value)]);
const wholes = (field, values) => values.flatMap((value) => whole(field, value));

function attribute([name, value]) {
  const content = Array.isArray(value) ? wholes(8, value) : whole(3, value);
  const [integer, integers] = [2, 7];
  const type = whole(20, Array.isArray(value) ? integers : integer);
  return bytes(5, [...string(1, name), ...content, ...type]);
}

function node({ type, inputs, output, attributes = {} }) {
  const names = [...inputs.flatMap((name) => string(1, name)), ...string(2, output)];
  const settings = Object.entries(attributes).flatMap(attribute);
  return bytes(1, [...names, ...string(4, type), ...settings]);
}

const float32 = 1;

function value(field, [name, shape]) {
  const dims = bytes(
    2,
    shape.flatMap((size) => bytes(1, whole(1, size))),
  );
  const type = bytes(2, bytes(1, [...whole(1, float32), ...dims]));
  return bytes(field, [...string(1, name), ...type]);
}

function weight([name, { shape, data }]) {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return bytes(5, [
    ...wholes(1, shape),
    ...whole(2, float32),
    ...string(8, name),
    ...bytes(9, [raw]),
  ]);
}

/**
 * The bytes of a model.
 * @param graph - `nodes` as { type, inputs, output, attributes }; `inputs` and `outputs` as names with shapes; `weights`
 *   as names with { shape, data }
 */
export function onnxModel({ nodes, inputs, outputs, weights = {} }) {
  const graph = [
    ...nodes.flatMap(node),
    ...string(2, "graph"),
    ...Object.entries(weights).flatMap(weight),
    ...Object.entries(inputs).flatMap((each) => value(11, each)),
    ...Object.entries(outputs).flatMap((each) => value(12, each)),
  ];
  const [irVersion, opset] = [8, 17];
  const model = [...whole(1, irVersion), ...bytes(7, graph), ...bytes(8, whole(2, opset))];
  return Buffer.concat(model);
}
