// What is asked of the device itself, whatever the op: its contract, its memory, its order, its
// random stream.
import {
  type Backend,
  bernoulli,
  contractNumber,
  type DType,
  dtypes,
  full,
  makeArray,
  manualSeed,
  rand,
  randint,
  randn,
  randperm,
  type Tensor,
  tensor,
} from "@tead/tensor";
import { opTable } from "../cases/family.ts";
import { difference, expectValues } from "../compare.ts";
import { type RandomCall, random } from "../fixtures/random.ts";

/** One question to the device. */
export interface DeviceCheck {
  readonly name: string;
  run(device: Backend): Promise<void>;
}

function expect(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

const contract: DeviceCheck = {
  name: "contract",
  run: async (device) => {
    const { capabilities, kernels } = device;
    expect(
      device.contract === contractNumber,
      `expected contract ${contractNumber}, received ${device.contract}`,
    );
    expect(/\S/.test(device.name), "expected a name");
    const unknown = capabilities.dtypes.filter((dtype) => !dtypes.includes(dtype));
    expect(unknown.length === 0, `expected dtypes of the library, received ${unknown}`);
    for (const needed of ["float32", "int32", "bool"] as const)
      expect(capabilities.dtypes.includes(needed), `expected ${needed} among the dtypes`);
    expect(
      capabilities.syncRead === (device.readSync !== undefined),
      `expected readSync to exist exactly where syncRead is true, received ${capabilities.syncRead}`,
    );
    const primitives = [...opTable.values()].filter(({ kind }) => kind === "primitive");
    const lacking = primitives.map(({ name }) => name).filter((name) => !(name in kernels));
    expect(lacking.length === 0, `expected a kernel for every primitive, none for ${lacking}`);
    const names = Object.keys(kernels).filter((name) => !opTable.has(name));
    expect(names.length === 0, `expected kernels of ops in the table, received ${names}`);
  },
};

/** Values that a dtype holds, different at each place. */
const stored = (dtype: DType, count: number, from = 0): ReturnType<typeof makeArray> => {
  const array = makeArray(dtype, count);
  for (let i = 0; i < count; i++) {
    const value = dtype === "bool" ? (i + from) % 2 : (i + from) % 100;
    array[i] = (dtype === "int64" ? BigInt(value) : value) as never;
  }
  return array;
};

const storage: DeviceCheck = {
  name: "write and read",
  run: async (device) => {
    for (const dtype of device.capabilities.dtypes) {
      const buffer = device.allocate(dtype, 10);
      const source = stored(dtype, 10);
      device.write(buffer, 0, source);
      device.write(buffer, 4, stored(dtype, 3, 50));
      const wanted = stored(dtype, 10);
      wanted.set(stored(dtype, 3, 50) as never, 4);
      // What was written is a copy, and so is what is read.
      source.fill((dtype === "int64" ? 1n : 1) as never);
      const all = await device.read(buffer, 0, 10);
      const found = difference(all, wanted, { rtol: 0, atol: 0 });
      expect(found === undefined, `${dtype}: ${found}`);
      all.fill((dtype === "int64" ? 1n : 1) as never);
      const part = await device.read(buffer, 3, 4);
      const again = difference(part, wanted.slice(3, 7), { rtol: 0, atol: 0 });
      expect(again === undefined, `${dtype}, elements 3 to 6: ${again}`);
      expect(
        part.constructor === wanted.constructor,
        `${dtype}: expected ${wanted.constructor.name}`,
      );
      expect(
        (await device.read(buffer, 10, 0)).length === 0,
        `${dtype}: expected nothing from 0 elements`,
      );
      if (device.readSync !== undefined) {
        const at = difference(device.readSync(buffer, 2, 8), wanted.slice(2), { rtol: 0, atol: 0 });
        expect(at === undefined, `${dtype} at once: ${at}`);
      }
      device.free(buffer);
      device.free(device.allocate(dtype, 0));
    }
  },
};

const snapshots: DeviceCheck = {
  name: "reads are snapshots",
  run: async (device) => {
    const x = tensor([1, 2, 3], { dtype: "float32", device });
    const before = x.data();
    x.fill_(9);
    const after = x.data();
    device.write(x.buffer, 0, Float32Array.of(7, 7, 7));
    expect(
      String(await before) === "1,2,3",
      `expected 1,2,3 from before the fill, received ${await before}`,
    );
    expect(
      String(await after) === "9,9,9",
      `expected 9,9,9 from before the write, received ${await after}`,
    );
    expect(
      String(await x.data()) === "7,7,7",
      `expected 7,7,7 at last, received ${await x.data()}`,
    );
  },
};

const order: DeviceCheck = {
  name: "commands keep their order",
  run: async (device) => {
    const x = full([33], 0, { dtype: "float32", device });
    const seen: Tensor[] = [];
    for (let i = 1; i <= 40; i++) {
      x.add_(1);
      if (i % 10 === 0) seen.push(x.mul(2));
      if (i === 25) x.mul_(2);
    }
    for (const [i, wanted] of [20, 40, 110, 130].entries())
      await expectValues(
        `after ${10 * (i + 1)} steps`,
        seen[i] as Tensor,
        new Array(33).fill(wanted),
      );
  },
};

const recycled: DeviceCheck = {
  name: "a write into a recycled buffer",
  run: async (device) => {
    // A buffer is given back while a kernel may still have to read it, and taken again at once.
    const results: Tensor[] = [];
    for (let i = 0; i < 8; i++) {
      const x = tensor(new Array(64).fill(i), { dtype: "float32", device });
      results.push(x.add(0.5));
      x.storage.free();
      const y = tensor(new Array(64).fill(100 + i), { dtype: "float32", device });
      results.push(y);
    }
    for (const [i, each] of results.entries()) {
      const wanted = i % 2 === 0 ? i / 2 + 0.5 : 100 + (i - 1) / 2;
      await expectValues(`result ${i}`, each, new Array(64).fill(wanted));
    }
  },
};

function drawn({ call, size, high = 1 }: RandomCall, device: Backend): Tensor {
  if (call === "rand") return rand([size], { device });
  if (call === "randn") return randn([size], { device });
  if (call === "randint") return randint(high, [size], { device });
  if (call === "randperm") return randperm(size, { device });
  return bernoulli(full([size], 0.25, { device }));
}

const stream: DeviceCheck = {
  name: "random stream",
  run: async (device) => {
    if (device.capabilities.generator === "mt19937")
      for (const { seed, calls } of random) {
        manualSeed(seed);
        for (const [i, each] of calls.entries())
          await expectValues(
            `call ${i} after seed ${seed}, ${each.call}`,
            drawn(each, device),
            each.values,
          );
      }
    else await ownStream(device);
  },
};

/** A stream of the device's own: it repeats for a seed, differs between seeds, and is uniform. */
async function ownStream(device: Backend): Promise<void> {
  const count = 4096;
  const draw = async (seed: number): Promise<number[]> => {
    manualSeed(seed);
    return Array.from((await rand([count], { device }).data()) as Float32Array);
  };
  const [first, again, other] = [await draw(1), await draw(1), await draw(2)];
  expect(String(first) === String(again), "expected the same numbers for the same seed");
  expect(String(first) !== String(other), "expected other numbers for another seed");
  expect(
    first.every((x) => x >= 0 && x < 1),
    "expected uniform numbers in [0, 1)",
  );
  const mean = first.reduce((sum, x) => sum + x, 0) / count;
  // Four standard deviations of the mean of uniform numbers.
  const limit = 4 / Math.sqrt(12 * count);
  expect(Math.abs(mean - 0.5) < limit, `expected a mean near 0.5, received ${mean}`);
}

export const deviceChecks: readonly DeviceCheck[] = [
  contract,
  storage,
  snapshots,
  order,
  recycled,
  stream,
];
