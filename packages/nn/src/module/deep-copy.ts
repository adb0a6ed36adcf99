// Copying a module with everything it owns.
import { StateError, Tensor } from "@tead/tensor";
import { ModuleBuffer, Parameter } from "../parameter.ts";
import { copyHooks } from "./hooks.ts";
import type { AnyModule } from "./module.ts";
import { copyStateHooks } from "./state-hooks.ts";

type IsModule = (value: unknown) => value is AnyModule;

/** One copy in the making. */
interface Copying {
  /** What was copied already: what is shared in the original is shared in the copy. */
  readonly memo: Map<object, object>;
  readonly isModule: IsModule;
  /** Another storage with a tensor's values, or without any. */
  readonly clone: (tensor: Tensor) => Tensor;
}

function copyTensor(tensor: Tensor, clone: Copying["clone"]): Tensor {
  const values = clone(tensor.detach());
  if (tensor instanceof ModuleBuffer) return new ModuleBuffer(values, tensor);
  const { requiresGrad, grad } = tensor;
  const copy =
    tensor instanceof Parameter
      ? Object.setPrototypeOf(
          new Parameter(values, { requiresGrad }),
          Object.getPrototypeOf(tensor),
        )
      : requiresGrad
        ? values.requiresGrad_()
        : values;
  if (grad !== undefined) copy.grad = clone(grad.detach());
  return copy;
}

const isPlain = (value: object): boolean =>
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

function deep(value: unknown, copying: Copying): unknown {
  const { memo, isModule, clone } = copying;
  if (typeof value !== "object" || value === null) return value;
  const known = memo.get(value);
  if (known !== undefined) return known;
  const remember = <T extends object>(copy: T): T => {
    memo.set(value, copy);
    return copy;
  };
  if (isModule(value)) return copyModule(value, copying);
  if (value instanceof Tensor) return remember(copyTensor(value, clone));
  const each = (item: unknown): unknown => deep(item, copying);
  if (Array.isArray(value)) {
    const copy = remember<unknown[]>([]);
    for (const item of value) copy.push(each(item));
    return copy;
  }
  if (value instanceof Map) {
    const copy = remember(new Map());
    for (const [key, item] of value) copy.set(each(key), each(item));
    return copy;
  }
  if (value instanceof Set) {
    const copy = remember(new Set());
    for (const item of value) copy.add(each(item));
    return copy;
  }
  if (ArrayBuffer.isView(value)) return remember(structuredClone(value));
  // Devices, generators and other objects with a life of their own are shared.
  if (!isPlain(value)) return value;
  const copy = remember<Record<PropertyKey, unknown>>({});
  for (const key of Reflect.ownKeys(value))
    copy[key] = each((value as Record<PropertyKey, unknown>)[key]);
  return copy;
}

/** Refuses classes with `#private` members: those stay with the object that was constructed. */
function checkCopyable(module: AnyModule): void {
  let link = module.constructor;
  while (link !== Function.prototype && link !== null) {
    const found = /[\w$)\]]\.(#[\w$]+)/.exec(Function.prototype.toString.call(link))?.[1];
    if (found !== undefined)
      throw new StateError(
        `${module.constructor.name}: Cannot copy the module: expected no #private members, received ${found}`,
        { hint: "write `private` in place of `#`, or override deepCopy()" },
      );
    link = Object.getPrototypeOf(link);
  }
}

function copyModule(module: AnyModule, copying: Copying): AnyModule {
  checkCopyable(module);
  const copy: AnyModule = Object.create(Object.getPrototypeOf(module));
  copying.memo.set(module, copy);
  for (const key of Reflect.ownKeys(module)) {
    const descriptor = Object.getOwnPropertyDescriptor(module, key) as PropertyDescriptor;
    // A hooked `forward` is wrapped anew.
    if (key === "forward" && descriptor.enumerable === false) continue;
    if ("value" in descriptor) descriptor.value = deep(descriptor.value, copying);
    Object.defineProperty(copy, key, descriptor);
  }
  copyHooks(module, copy);
  copyStateHooks(module, copy);
  return copy;
}

/** The copy of a module; `clone` makes its tensors. @internal */
export function deepCopyOf(
  module: AnyModule,
  isModule: IsModule,
  clone: Copying["clone"] = (tensor) => tensor.clone(),
): AnyModule {
  return copyModule(module, { memo: new Map(), isModule, clone });
}
