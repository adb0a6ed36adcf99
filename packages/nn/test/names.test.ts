// Every public name of torch.nn stands here under its own, or in a list with the reason why not.
import { readFileSync } from "node:fs";
import * as nn from "@tead/nn";
import { expect, test } from "vitest";

const { names } = JSON.parse(
  readFileSync(new URL("./fixtures/names.json", import.meta.url), "utf8"),
) as { readonly names: Readonly<Record<string, readonly string[]>> };

const spaces: Readonly<Record<string, object>> = {
  "torch.nn": nn,
  "torch.nn.functional": nn.functional,
  "torch.nn.init": nn.init,
  "torch.nn.utils": nn.utils,
  "torch.nn.utils.rnn": nn.utils.rnn,
  "torch.nn.utils.prune": nn.utils.prune,
  "torch.nn.utils.parametrize": nn.utils.parametrize,
  "torch.nn.utils.parametrizations": nn.utils.parametrizations,
};

/** What is left out, and why. */
const leftOut: Readonly<Record<string, readonly string[]>> = {
  "a helper of PyTorch's own, or another module's name": [
    ...["factory_kwargs", "assert_int_or_pair", "boolean_dispatch", "native_channel_shuffle"],
    ...["Module", "ModuleDict", "ModuleList", "Parameter", "Tensor", "PackedSequence_", "bind"],
    ...["invert_permutation", "RNNBase", "RNNCellBase"],
  ],
  "deprecated in favour of another": [
    ...["Container", "NLLLoss2d", "upsample", "upsample_bilinear", "upsample_nearest"],
  ],
  "for several devices or processes": ["DataParallel", "SyncBatchNorm"],
  "a function, buffer(), or an option here": ["Buffer", "multi_head_attention_forward"],
  "about memory layouts that are not chosen here": [
    ...["convert_conv2d_weight_memory_format", "convert_conv3d_weight_memory_format"],
    "LinearCrossEntropyOptions",
  ],
  "for types and devices that are not here": [
    ...["ScalingType", "SwizzleType", "grouped_mm", "scaled_grouped_mm", "scaled_mm"],
  ],
  "a layout of tensors that nothing else has": ["conv_tbc"],
  "a tool for quantization": ["transfer_parametrizations_and_params"],
};

const camelCase = (name: string): string =>
  /^[A-Z]/.test(name)
    ? name
    : name.replace(/(?<=[a-z\d])_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());

test.each(Object.entries(names))("%s is whole", (module, listed) => {
  const excused = new Set(Object.values(leftOut).flat());
  const space = spaces[module] as object;
  const missing = listed.filter((name) => !(camelCase(name) in space) && !excused.has(name));
  expect(missing).toEqual([]);
});

test("nothing that is left out is there", () => {
  const all = new Set(Object.values(names).flat());
  for (const name of Object.values(leftOut).flat()) {
    expect(all).toContain(name);
    const there = Object.entries(spaces).some(
      ([module, space]) => names[module]?.includes(name) && camelCase(name) in space,
    );
    // Classes of torch.nn that its other modules import are there under torch.nn.
    if (!(name in nn)) expect([name, there]).toEqual([name, false]);
  }
});
