// Fusable ops: the kernel and the decomposition agree, and the decomposition keeps to the shape rule.
import { noGrad, type RecordedInput, type Tensor, tensor } from "@tead/tensor";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { expectShape, expectValues } from "../compare.ts";
import { attrsOf, inferred, operandsOf } from "../materialize.ts";
import { withoutKernel } from "../reference.ts";
import { expectOutputs } from "./forward.ts";

export const decomposition: Check = {
  name: "decomposed",
  applies: ({ op }) => op.kind === "fusable",
  run: (c, device) => {
    const bare = withoutKernel(device, c.op.name);
    return eachDType(c, bare, c.rows, async (dtype, rows) => {
      for (const row of rows) {
        const attrs = attrsOf(row, dtype);
        const outputs = runOp(c.op, operandsOf(bare, row, dtype), attrs, bare);
        await expectOutputs(`decomposed ${describeRow(row)}`, row, dtype, outputs, c);
        if (!(c.op.name in device.kernels)) continue;
        const fused = runOp(c.op, operandsOf(device, row, dtype), attrs, device);
        for (const [i, each] of fused.entries()) {
          const wanted = await (outputs[i] as Tensor).data();
          await expectValues(
            `fused and decomposed differ, ${describeRow(row)}`,
            each,
            wanted,
            2 * (c.slack ?? 1),
          );
        }
      }
    });
  },
};

export const inference: Check = {
  name: "shape rule",
  applies: ({ op }) => op.kind === "fusable" && op.mutates.length === 0,
  run: (c, device) =>
    eachDType(
      c,
      device,
      c.rows,
      async (dtype, rows) => {
        for (const row of rows) {
          const specs = inferred(c.op, row, dtype);
          const raw = (x: RecordedInput): RecordedInput =>
            typeof x === "number" || typeof x === "boolean" ? tensor(x, { dtype, device }) : x;
          const inputs = operandsOf(device, row, dtype).map(raw);
          const outputs = noGrad(() =>
            c.op.decompose?.(inputs as never, attrsOf(row, dtype)),
          ) as readonly Tensor[];
          if (outputs.length !== specs.length)
            throw new Error(
              `${describeRow(row)}: expected ${specs.length} outputs, received ${outputs.length}`,
            );
          for (const [i, spec] of specs.entries())
            expectShape(
              `decompose of ${describeRow(row)}`,
              (outputs[i] as Tensor).shape,
              spec.shape,
            );
        }
      },
      ["float32", "float64", "int32", "bool"],
    ),
};
