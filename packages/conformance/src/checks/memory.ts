// Memory: what an op makes inside a scope is given back at its end, all but the result.
import { type Backend, type Buffer, enableGrad, scope, type Tensor } from "@tead/tensor";
import { type Check, describeRow, eachDType, runOp } from "../check.ts";
import { attrsOf, operandsOf } from "../materialize.ts";
import { wrapped } from "../reference.ts";

/** A device that counts: which buffers are taken and not given back. */
function counting(device: Backend): { readonly device: Backend; readonly live: Set<Buffer> } {
  const live = new Set<Buffer>();
  const counted = wrapped(device, {
    allocate: (dtype, count) => {
      const buffer = device.allocate(dtype, count);
      if (live.has(buffer)) throw new Error("allocate gave a buffer that is in use");
      live.add(buffer);
      return buffer;
    },
    free: (buffer) => {
      if (!live.delete(buffer)) throw new Error("free was called for a buffer that is not in use");
      device.free(buffer);
    },
  });
  return { device: counted, live };
}

export const memory: Check = {
  name: "no leaked buffer",
  applies: ({ op }) => op.kind !== "view",
  run: (c, device) =>
    eachDType(
      c,
      device,
      c.rows,
      async (dtype, rows) => {
        for (const row of rows.slice(0, 2)) {
          const { device: counted, live } = counting(device);
          const run = (): readonly Tensor[] =>
            runOp(c.op, operandsOf(counted, row, dtype), attrsOf(row, dtype), counted);
          const outputs = enableGrad(() => scope(() => [...run()]));
          const spared = new Set(outputs.map(({ storage }) => storage));
          if (live.size > spared.size)
            throw new Error(
              `${describeRow(row)}: expected ${spared.size} buffers after the scope, received ${live.size}`,
            );
          for (const each of outputs) await each.data();
          for (const each of spared) each.free();
          for (const buffer of live)
            throw new Error(`${describeRow(row)}: ${String(buffer)} is left`);
        }
      },
      ["float32", "int32", "bool"],
    ),
};
