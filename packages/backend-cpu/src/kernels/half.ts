// Elementwise ops of 16-bit floats by way of float32, as PyTorch computes them: operands and result are converted by SIMD.
import { contiguousStrides, type Kernel, numelOf, type TypedArray, type View } from "@tead/tensor";
import { pool } from "../buffer-pool.ts";
import { simdConverterOf } from "../wasm/convert.ts";
import { gathered, scattered } from "./strided.ts";

const isHalf = ({ dtype }: View): boolean => dtype === "float16" || dtype === "bfloat16";

/** Runs `kernel` on float32 copies; false where no operand is a 16-bit float, or there are few elements. */
export function throughSingle(
  kernel: Kernel<readonly View[], unknown>,
  call: Parameters<Kernel<readonly View[], unknown>>[0],
): boolean {
  const out = call.outputs[0] as View;
  const count = numelOf(out.shape);
  const half = call.inputs.find(isHalf);
  if (half === undefined || simdConverterOf(half.dtype, "float32", count) === undefined)
    return false;
  if (!isHalf(out) && out.dtype !== "bool") return false;
  const temporary: TypedArray[] = [];
  const take = (dtype: View["dtype"]): View => {
    const buffer = pool.take(dtype, count);
    temporary.push(buffer);
    const { shape } = out;
    return { buffer, dtype, shape, strides: contiguousStrides(shape), offset: 0 };
  };
  const inputs = call.inputs.map((view): View => {
    if (!isHalf(view)) return view;
    if (view.scalar !== undefined) return { ...view, dtype: "float32" };
    const values = gathered(view) as Uint16Array;
    const single = take("float32");
    simdConverterOf(view.dtype, "float32", count)?.(
      single.buffer as Float32Array,
      0,
      values,
      0,
      count,
    );
    pool.give(values);
    return single;
  });
  const result = isHalf(out) ? take("float32") : out;
  const { attrs } = call;
  kernel({ inputs, outputs: [result], attrs, fail: (code, at) => call.fail(code, at) });
  if (result !== out) {
    const values = take(out.dtype).buffer as Uint16Array;
    const from = result.buffer as Float32Array;
    simdConverterOf("float32", out.dtype, count)?.(values, 0, from, 0, count);
    scattered(values, out);
  }
  for (const array of temporary) pool.give(array);
  return true;
}
