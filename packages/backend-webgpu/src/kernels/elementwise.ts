// The one generator of elementwise kernels: strided and broadcast operands, numbers as uniforms, an
// output that is also an operand. What each op computes stands in rules.ts.
import type { DType, FailureCode, Kernel, KernelCall, View } from "@tead/tensor";
import { numelOf } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { Binding, Param, ProgramSource } from "../gpu/program.ts";
import { loaded, numberType, storageType, stored, storedBool } from "../wgsl/elements.ts";
import { integerSource } from "../wgsl/integers.ts";
import { mathSource } from "../wgsl/math.ts";
import { separate } from "./aliases.ts";
import {
  merged,
  offsetsCode,
  padded,
  sameGeometry,
  walkParams,
  walkValues,
  workgroupSize,
} from "./geometry.ts";
import type { Rule } from "./rules.ts";

/** Where an operand's values come from. */
type Source = "buffer" | "output" | "scalar";

/** All that the text of an elementwise shader depends on. */
interface Shape {
  readonly sources: readonly Source[];
  readonly dtypes: readonly DType[];
  readonly output: DType;
  readonly rank: number;
}

const names = ["a", "b", "c"] as const;

/** The kernel that applies a rule to each element; `variant` tells rules of one op apart. */
export function elementwiseKernel(
  gpu: Gpu,
  op: string,
  rule: Rule,
  variant = "",
): Kernel<readonly View[], unknown> {
  return (call) => {
    const output = call.outputs[0] as View;
    const inPlace = (view: View): boolean =>
      view.buffer === output.buffer && sameGeometry(view, output);
    const apart = call.inputs.filter((view) => view.scalar === undefined && !inPlace(view));
    separate(gpu, op, apart, [output], (views) => {
      const inputs = call.inputs.map((view) => {
        const at = apart.indexOf(view);
        return at < 0 ? view : (views[at] as View);
      });
      run(gpu, { op, rule, variant }, call, inputs, output);
    });
  };
}

interface Named {
  readonly op: string;
  readonly rule: Rule;
  readonly variant: string;
}

function run(
  gpu: Gpu,
  { op, rule, variant }: Named,
  call: KernelCall<unknown, unknown>,
  inputs: readonly View[],
  output: View,
): void {
  const sources = inputs.map((view): Source => {
    if (view.scalar !== undefined) return "scalar";
    return view.buffer === output.buffer ? "output" : "buffer";
  });
  const buffers = inputs.filter((_, k) => sources[k] === "buffer");
  const walked = [output, ...buffers];
  const walk = padded(
    merged({ shape: output.shape, strides: walked.map((view) => stridesOver(view, output)) }),
  );
  const shape: Shape = {
    sources,
    dtypes: inputs.map((view) => view.dtype),
    output: output.dtype,
    rank: walk.shape.length,
  };
  const count = numelOf(output.shape);
  const { dtypes, rank } = shape;
  const code = failureOf(rule, shape);
  const { attrs = [] } = rule;
  gpu.run({
    op,
    key: `${op} ${variant} ${dtypes} ${output.dtype} ${sources} ${rank}`,
    source: () => elementwiseSource(rule, shape),
    buffers: walked.map(slotOf),
    params: [
      count,
      ...walkValues(walk),
      ...walked.map((view) => view.offset),
      ...inputs.flatMap((view) => (view.scalar === undefined ? [] : [view.scalar])),
      ...attrs.map((name) => (call.attrs as Readonly<Record<string, number>>)[name] as number),
    ],
    groups: Math.ceil(count / workgroupSize),
    failure: code === undefined ? undefined : { call, code },
  });
}

/** A 0-d operand, as a condition may be, is read again and again. */
function stridesOver(view: View, output: View): readonly number[] {
  return view.shape.length === output.shape.length ? view.strides : output.shape.map(() => 0);
}

/** The dtype that is computed in; the last operand is never a condition. */
function computed({ dtypes }: Shape): DType {
  return dtypes.at(-1) as DType;
}

function expressionOf(rule: Rule, shape: Shape): string {
  const dtype = computed(shape);
  const own = dtype === "bool" ? rule.bool : dtype === "int32" ? rule.int32 : undefined;
  return (own ?? rule[numberType(dtype)] ?? rule.f32) as string;
}

/** What the kernel may report of a value. */
function failureOf(rule: Rule, shape: Shape): FailureCode | undefined {
  const dtype = computed(shape);
  if (rule.int32 !== undefined && dtype === "int32") return "integerOverflow";
  return rule.dividesIntegers && numberType(dtype) === "i32" ? "divisionByZero" : undefined;
}

function elementwiseSource(rule: Rule, shape: Shape): ProgramSource {
  const { sources, dtypes, output, rank } = shape;
  const used = sources.map((_, k) => names[k] as string);
  const read = used.filter((_, k) => sources[k] === "buffer");
  const walked = ["y", ...read];
  const bindings: Binding[] = [{ name: "y", type: storageType(output), access: "read_write" }];
  const scalars: Param[] = [];
  const lines: string[] = [];
  used.forEach((name, k) => {
    const dtype = dtypes[k] as DType;
    const type = numberType(dtype);
    if (sources[k] === "scalar") {
      scalars.push({ name: `${name}_value`, type });
      lines.push(`let ${name} = p.${name}_value;`);
    } else if (sources[k] === "output") {
      lines.push(`let ${name} = ${loaded(dtype, "y[p.y_offset + y_at]")};`);
    } else {
      bindings.push({ name: `${name}_data`, type: storageType(dtype), access: "read" });
      lines.push(`let ${name} = ${loaded(dtype, `${name}_data[p.${name}_offset + ${name}_at]`)};`);
    }
  });
  const expression = expressionOf(rule, shape);
  const result = rule.result === "bool" ? storedBool(expression) : stored(output, expression);
  return {
    params: [
      { name: "count", type: "u32" },
      ...walkParams(rank, walked),
      ...walked.map((name): Param => ({ name: `${name}_offset`, type: "u32" })),
      ...scalars,
      ...(rule.attrs ?? []).map((name): Param => ({ name, type: "f32" })),
    ],
    bindings,
    workgroup: [workgroupSize, 1, 1],
    fallible: failureOf(rule, shape) !== undefined,
    declarations: [mathSource(expression), integerSource(expression)].join("\n"),
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, walked, "i")}
${lines.join("\n")}
y[p.y_offset + y_at] = ${result};`,
  };
}

/** The kernels of a table of rules. */
export function elementwiseKernels<N extends string>(
  gpu: Gpu,
  rules: Readonly<Record<N, Rule>>,
): Record<N, Kernel<readonly View[], unknown>> {
  const entries = Object.entries<Rule>(rules);
  return Object.fromEntries(
    entries.map(([op, rule]) => [op, elementwiseKernel(gpu, op, rule)]),
  ) as Record<N, Kernel<readonly View[], unknown>>;
}
