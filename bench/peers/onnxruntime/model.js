/** An ONNX model of one node, as the bytes of its protocol buffer (onnx.proto3, opset 17). */

const varint = (value) => {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
};
const number = (field, value) => [...varint(field * 8), ...varint(value)];
const bytes = (field, content) => [...varint(field * 8 + 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);

const FLOAT = 1;
const INTEGER_ATTRIBUTE = 2;

function valueInfo(field, name, shape) {
  const dimensions = shape.flatMap((size) => bytes(1, number(1, size)));
  const tensorType = [...number(1, FLOAT), ...bytes(2, dimensions)];
  return bytes(field, [...text(1, name), ...bytes(2, bytes(1, tensorType))]);
}

/**
 * @param operator MatMul, Softmax, Tanh …
 * @param inputs shapes, in order; they are called x0, x1 …
 * @param output its shape; it is called y
 * @param attributes whole numbers by name
 */
export function onnxModel(operator, inputs, output, attributes = {}) {
  const node = [
    ...inputs.flatMap((_, i) => text(1, `x${i}`)),
    ...text(2, "y"),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) =>
      bytes(5, [...text(1, name), ...number(3, value), ...number(20, INTEGER_ATTRIBUTE)]),
    ),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, "kernel"),
    ...inputs.flatMap((shape, i) => valueInfo(11, `x${i}`, shape)),
    ...valueInfo(12, "y", output),
  ];
  return Uint8Array.from([...number(1, 8), ...bytes(8, [...text(1, ""), ...number(2, 17)]), ...bytes(7, graph)]);
}
