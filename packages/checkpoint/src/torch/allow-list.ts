// All that a pickle may name, and what becomes of it: PyTorch's weights_only list as far as it has
// a like here. Nothing is looked up anywhere else, nothing is imported, nothing is run.
import { describe } from "./describe.ts";
import type { PickleReader } from "./pickle-reader.ts";
import { PythonDict } from "./python-dict.ts";
import {
  isTensorType,
  rebuildFromType,
  rebuildMeta,
  rebuildParameter,
  rebuildTensor,
} from "./rebuild.ts";
import {
  missingDType,
  missingDTypeProblem,
  storageTypeNamed,
  torchDTypeNamed,
} from "./storage-types.ts";
import { Size, TorchDevice, Tuple } from "./values.ts";

/** A function on the allow-list; `call` is ours, whatever Python's does. */
export interface Allowed {
  readonly path: string;
  call(args: readonly unknown[], reader: PickleReader): unknown;
}

type Call = Allowed["call"];

const textToBytes = (args: readonly unknown[], reader: PickleReader): Uint8Array => {
  const [text, encoding] = args;
  if (args.length === 0) return new Uint8Array();
  if (text instanceof Uint8Array && args.length === 1) return text;
  const isLatin = encoding === "latin1" || encoding === "latin-1";
  if (typeof text !== "string" || !isLatin)
    return reader.fail("expected bytes as latin1 text, received other arguments");
  const units = Uint16Array.from(text, (c) => c.charCodeAt(0));
  if (units.some((unit) => unit > 255)) reader.fail("expected bytes as latin1 text");
  return Uint8Array.from(units);
};

const orderedDictOf: Call = ([items = []], reader) => {
  const dict = new PythonDict("OrderedDict");
  // Python 2 writes the items as a list of lists.
  const isPair = (pair: unknown): pair is [unknown, unknown] =>
    Array.isArray(pair) && pair.length === 2 && typeof pair[0] === "string";
  if (!Array.isArray(items) || !items.every(isPair))
    return reader.fail("expected an OrderedDict of pairs with strings as keys");
  for (const [key, value] of items) dict.set(key, value);
  return dict;
};

const counterOf: Call = ([counts = new PythonDict("dict")], reader) => {
  const counter = new PythonDict("Counter");
  if (!(counts instanceof PythonDict))
    return reader.fail(`expected a Counter of a dict, received ${describe(counts)}`);
  for (const [key, count] of counts) counter.set(key, count);
  return counter;
};

const sizeOf: Call = ([sizes], reader) => {
  if (sizes instanceof Tuple && sizes.every((size) => Number.isSafeInteger(size)))
    return new Size(sizes as Tuple<number>);
  return reader.fail(`expected a torch.Size of a tuple of integers, received ${describe(sizes)}`);
};

const deviceOf: Call = ([type, index], reader) => {
  const isIndex = index === undefined || Number.isSafeInteger(index);
  if (typeof type === "string" && isIndex)
    return new TorchDevice(type, index as number | undefined);
  return reader.fail("expected a torch.device of a type and an index, received other arguments");
};

const setOf: Call = ([items = []], reader) => {
  if (Array.isArray(items) && items.every((item) => typeof item !== "object" || item === null))
    return new Set(items);
  return reader.fail(`expected a set of a list of plain values, received ${describe(items)}`);
};

const calls: Readonly<Record<string, Call>> = {
  "collections.OrderedDict": orderedDictOf,
  "collections.Counter": counterOf,
  "torch.Size": sizeOf,
  "torch.device": deviceOf,
  "torch._utils._rebuild_tensor": rebuildTensor,
  "torch._utils._rebuild_tensor_v2": rebuildTensor,
  "torch._utils._rebuild_tensor_v3": rebuildTensor,
  "torch._utils._rebuild_parameter": rebuildParameter,
  "torch._utils._rebuild_parameter_with_state": rebuildParameter,
  "torch._utils._rebuild_meta_tensor_no_storage": rebuildMeta,
  "torch._tensor._rebuild_from_type_v2": rebuildFromType,
  "_codecs.encode": textToBytes,
  "builtins.bytes": textToBytes,
  "builtins.bytearray": textToBytes,
  "builtins.set": setOf,
};
const allowed = new Map<string, Allowed>(
  Object.entries(calls).map(([path, call]) => [path, { path, call }]),
);
const allowedValues = new Set<unknown>(allowed.values());

/** Whether a value is a function of the list. */
export const isAllowed = (value: unknown): value is Allowed => allowedValues.has(value);

/** Calls a function of the list. */
export function rebuild(callee: Allowed, args: readonly unknown[], reader: PickleReader): unknown {
  return callee.call(args, reader);
}

/** What a name stands for. @throws TorchFileError with the name if it is not on the list. */
export function lookUp(name: string, reader: PickleReader): unknown {
  // Protocols up to 2 have the names of Python 2.
  const path = name.replace(/^__builtin__\./, "builtins.");
  const found =
    allowed.get(path) ?? storageTypeNamed(path) ?? torchDTypeNamed(path) ?? isTensorType(path);
  if (found !== undefined) return found;
  const dtype = missingDType(path);
  if (dtype !== undefined) reader.fail(`refused "${name}": ${missingDTypeProblem(dtype)}`, name);
  return reader.fail(
    `refused "${name}": expected the names that a state dict needs; nothing in a file is ever run` +
      hintFor(path),
    name,
  );
}

function hintFor(path: string): string {
  const hints: readonly (readonly [RegExp, string])[] = [
    [/^__torch__\./, "it is a TorchScript archive; save the state dict of the module in Python"],
    [/^torch\.(nn|jit)\./, "it holds a whole module; save module.state_dict() in Python instead"],
    [/^torch\.optim\./, "it holds a whole optimizer or scheduler; save its state_dict() instead"],
    [/^numpy\./, "it holds NumPy values; save torch.from_numpy(array), or array.item(), instead"],
    [/_rebuild_sparse/, "it holds a sparse tensor; save tensor.to_dense() instead"],
    [/nested/, "it holds a nested tensor; save tensor.unbind() instead"],
    [/qtensor|quant/, "it holds a quantized tensor; save tensor.dequantize() instead"],
    [/^collections\./, "save dict(value) in Python instead"],
    [/^builtins\.complex$/, "save [value.real, value.imag] in Python instead"],
    [/^builtins\.(frozenset|x?range)$/, "save list(value) in Python instead"],
    [/^(pathlib|argparse|datetime)\b/, "save str(value) or vars(value) in Python instead"],
  ];
  const hint = hints.find(([pattern]) => pattern.test(path))?.[1];
  return hint === undefined ? "" : `\nHint: ${hint}`;
}
