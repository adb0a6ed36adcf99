// SUPPORT.md is what the kit prints. To write it anew: TEAD_UPDATE_SUPPORT=1.
import "@tead/autograd";
import { readFileSync, writeFileSync } from "node:fs";
import { formatSupportTable, runConformance } from "@tead/conformance";
import { type DType, dtypes } from "@tead/tensor";
import { expect, it } from "vitest";
import { dtypesOf, layoutOf } from "../src/gpu/layout.ts";
import { describeGpu, gpu } from "./device.ts";

const file = new URL("../SUPPORT.md", import.meta.url);
/** What every adapter holds; the table is the same on each. */
const everywhere = dtypesOf(false);

/** Why a dtype cannot be held, in the backend's own words. */
function reason(dtype: DType): string {
  try {
    layoutOf(dtype, true);
    return "as float32, where the adapter has the feature shader-f16";
  } catch (error) {
    const [line, hint] = (error as Error).message.split("\n") as [string, string];
    return `no: ${line.slice(line.lastIndexOf("; ") + 2)}; ${hint.replace("Hint: ", "")}`;
  }
}

describeGpu("SUPPORT.md", () => {
  it("is the table that the kit prints, and the reasons that the errors give", {
    timeout: 240_000,
  }, async () => {
    const report = await runConformance({ create: gpu, checks: ["forward"] });
    const others = dtypes.filter((dtype) => !everywhere.includes(dtype));
    const document = [
      "# What @tead/backend-webgpu supports",
      "",
      'Printed by the [conformance kit](../conformance/README.md): "yes" means that PyTorch\'s numbers come out, "-" that the op does not take the dtype.',
      "",
      formatSupportTable({ ...report, dtypes: everywhere }),
      "## Other dtypes",
      ...others.map((dtype) => `- ${dtype}: ${reason(dtype)}`),
      "",
    ].join("\n");
    if (process.env.TEAD_UPDATE_SUPPORT !== undefined) writeFileSync(file, document);
    expect(readFileSync(file, "utf8")).toBe(document);
    expect(document).not.toContain("FAILED");
  });
});
