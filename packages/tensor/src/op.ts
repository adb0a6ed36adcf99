// The kinds of op and how they are defined. An op is a value: it registers nothing.
import type { View } from "./backend.ts";
import type { DType, TypedArray } from "./dtype.ts";
import type { Geometry, Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** What is known of a tensor without its values. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What a shape rule sees of an operand. A number is 0-d and `weak`. */
export interface OperandSpec extends TensorSpec {
  readonly weak?: boolean;
}

/** A tensor, or a number in its place: it takes part in promotion by category only. */
export type Operand = Tensor | number | boolean;

/** Operand names; `"bias?"` may be absent, `"...tensors"` is a list. */
export type Names = readonly string[];

type Each<I extends Names, One, Opt, Many> = {
  readonly [K in keyof I]: I[K] extends `...${string}`
    ? Many
    : I[K] extends `${string}?`
      ? Opt
      : One;
};

/** What dispatch takes for the operands `I`: tensors or numbers, lists for `...names`. */
export type OpInputs<I extends Names> = Each<I, Operand, Operand | undefined, readonly Tensor[]>;
/** What `infer` sees of the operands `I`. */
export type InputSpecs<I extends Names> = Each<
  I,
  OperandSpec,
  OperandSpec | undefined,
  readonly OperandSpec[]
>;
/** What a kernel reads of the operands `I`. */
export type KernelInputs<I extends Names> = Each<I, View, View | undefined, readonly View[]>;
/** What `decompose` takes for the operands `I`: tensors throughout. */
export type DecomposeInputs<I extends Names> = Each<
  I,
  Tensor,
  Tensor | undefined,
  readonly Tensor[]
>;
type InputGradients<I extends Names> = Each<
  I,
  Tensor | undefined,
  Tensor | undefined,
  readonly (Tensor | undefined)[] | undefined
>;
type Needs<I extends Names> = { readonly [K in keyof I]: boolean };
type OutputGradients<O extends Names> = O extends readonly [string]
  ? readonly [Tensor]
  : { readonly [K in keyof O]: Tensor | undefined };
type OutputTensors<O extends Names> = { readonly [K in keyof O]: Tensor };
type OutputSpecs<O extends Names> = { readonly [K in keyof O]: TensorSpec };

/** An operand's name without its marker. */
type Bare<N> = N extends `...${infer B}` ? B : N extends `${infer B}?` ? B : N;
type Savable<I extends Names, O extends Names> = Bare<I[number]> | O[number];
type SavedAs<N, I extends Names> = `...${N & string}` extends I[number]
  ? readonly Tensor[]
  : `${N & string}?` extends I[number]
    ? Tensor | undefined
    : Tensor;

/** What a gradient sees: the output gradients, the input specs, what is needed, what was saved. */
export type GradientContext<I extends Names, A, O extends Names, S extends string> = {
  readonly grads: OutputGradients<O>;
  readonly inputs: InputSpecs<I>;
  readonly needs: Needs<I>;
  readonly attrs: A;
} & { readonly [N in S]: SavedAs<N, I> };

/** Marks an op whose outputs never carry a gradient. */
export const nonDifferentiable = "nonDifferentiable" as const;
/** Marks a fusable op that is recorded as the ops of its decomposition. */
export const throughDecomposition = "throughDecomposition" as const;

/** A gradient with its context's types erased: what the tape calls. */
export type ErasedGradient = (context: {
  readonly [key: string]: unknown;
}) => readonly (Tensor | undefined | readonly (Tensor | undefined)[])[];

/** The kinds of op that dispatch runs; a dynamic op is a `DynamicOp`. */
export type OpKind = "primitive" | "fusable" | "view";

/** What the tape reads of a definition at every call, worked out once. @internal */
export interface OpPlan {
  /** The operand names without their markers. */
  readonly names: readonly string[];
  /** Where each of `saves` comes from: operand i as i, output i as -1 - i. */
  readonly saved: readonly number[];
  /** For each of `saves`: the operands one of which must need a gradient, or `undefined` for any. */
  readonly savedFor: readonly (readonly number[] | undefined)[];
  /** Which operands the op writes. */
  readonly mutated: readonly number[];
}

/** An op, as dispatch and tape see it. The four type parameters say how it is called. */
export interface Op<
  N extends string = string,
  I extends Names = Names,
  A = never,
  O extends Names = Names,
> {
  readonly kind: OpKind;
  readonly name: N;
  readonly inputs: I;
  readonly outputs: O;
  /** The operands and outputs that the gradient reads. */
  readonly saves: readonly string[];
  /** The operands that the op writes, as optimizer updates do. */
  readonly mutates: readonly string[];
  /** @internal */
  readonly plan: OpPlan;
  /** Whether operands are broadcast to the output's shape and brought to one dtype before the kernel. */
  readonly elementwise: boolean;
  /** Operands of an elementwise op that keep their own dtype (a condition). */
  readonly unpromoted: readonly string[];
  /** Checks shapes, dtypes and attributes, and says what the outputs will be. */
  infer(inputs: InputSpecs<I>, attrs: A): readonly TensorSpec[];
  readonly gradient: ErasedGradient | typeof nonDifferentiable | typeof throughDecomposition;
  /** The op in terms of others; a primitive has none. */
  decompose?(inputs: DecomposeInputs<I>, attrs: A): OutputTensors<O>;
  /** A view op's geometry over its input's storage. */
  view?(input: Geometry, attrs: A): Geometry;
}

/** Any op: for code that handles all of them. */
// biome-ignore lint/suspicious/noExplicitAny: attrs stand on both sides of the arrow, only any fits all
export type AnyOp = Op<string, any, any, any>;

export interface Primitive<
  N extends string,
  I extends Names,
  A,
  O extends Names = readonly ["output"],
> extends Op<N, I, A, O> {
  readonly kind: "primitive";
}
export interface Fusable<
  N extends string,
  I extends Names,
  A,
  O extends Names = readonly ["output"],
> extends Op<N, I, A, O> {
  readonly kind: "fusable";
  /** The op in terms of others. */
  decompose(inputs: DecomposeInputs<I>, attrs: A): OutputTensors<O>;
}
export interface ViewOp<N extends string, A>
  extends Op<N, readonly ["input"], A, readonly ["output"]> {
  readonly kind: "view";
  view(input: Geometry, attrs: A): Geometry;
}

interface Definition<I extends Names, A, O extends Names, S extends string> {
  readonly inputs: I;
  readonly saves?: readonly S[];
  /**
   * Which operands' gradients read what is saved, where it is not all of them: an entry that no
   * operand in need reads is not kept, and may be written before backward.
   */
  readonly savedFor?: { readonly [N in S]?: readonly Bare<I[number]>[] };
  readonly mutates?: readonly Bare<I[number]>[];
  readonly elementwise?: boolean;
  readonly unpromoted?: readonly Bare<I[number]>[];
  /** Checks all that shapes, dtypes and attributes show; nothing else checks it again. */
  infer(inputs: InputSpecs<I>, attrs: A): OutputSpecs<O>;
}
type GradientRule<I extends Names, A, O extends Names, S extends string> =
  | ((context: GradientContext<I, A, O, S>) => InputGradients<I>)
  | typeof nonDifferentiable;

/** What `definePrimitive` takes. */
export interface PrimitiveDefinition<I extends Names, A, O extends Names, S extends string>
  extends Definition<I, A, O, S> {
  readonly gradient: GradientRule<I, A, O, S>;
}
/** What `defineFusable` takes. */
export interface FusableDefinition<I extends Names, A, O extends Names, S extends string>
  extends Definition<I, A, O, S> {
  readonly gradient: GradientRule<I, A, O, S> | typeof throughDecomposition;
  /** The op in terms of others; a number operand arrives as a 0-d tensor. */
  decompose(inputs: DecomposeInputs<I>, attrs: A): OutputTensors<O>;
}
/** What `defineView` takes. */
export interface ViewDefinition<A> {
  /** Checks the attributes and says how the view lies over its input. */
  view(input: Geometry, attrs: A): Geometry;
  /** The gradient of the input, from that of the view. */
  gradient(context: {
    readonly grads: readonly [Tensor];
    readonly inputs: readonly [TensorSpec & Geometry];
    readonly attrs: A;
  }): readonly [Tensor];
}

/** A definition once the compiler has checked it against its overload. */
type Erased = Pick<AnyOp, "inputs" | "infer" | "gradient"> &
  Partial<AnyOp> & { readonly savedFor?: Readonly<Record<string, readonly string[]>> };

type Whole = Erased & Pick<AnyOp, "outputs" | "saves" | "mutates">;

function planOf({ inputs, outputs, saves, mutates, savedFor = {} }: Whole): OpPlan {
  const names = (inputs as Names).map((name) => name.replace(/^\.\.\.|\?$/g, ""));
  const place = (name: string): number =>
    names.includes(name) ? names.indexOf(name) : -1 - (outputs as Names).indexOf(name);
  return {
    names,
    saved: saves.map(place),
    savedFor: saves.map((name) => savedFor[name]?.map((needed) => names.indexOf(needed))),
    mutated: mutates.map((name) => names.indexOf(name)),
  };
}

/** Every op has the same fields in the same order, so that dispatch reads all of them alike. */
function build(kind: OpKind, name: string, definition: Erased): AnyOp {
  const { inputs, outputs = ["output"], saves = [], mutates = [] } = definition;
  const { unpromoted = [], elementwise = false, infer, gradient, decompose, view } = definition;
  const plan = planOf({ ...definition, outputs, saves, mutates });
  // One literal, not several spread into one, which gives V8 before Node 22 objects of several shapes.
  const op = {
    kind,
    name,
    inputs,
    outputs,
    saves,
    mutates,
    plan,
    elementwise,
    unpromoted,
    infer,
    gradient,
    decompose,
    view,
  };
  return op as unknown as AnyOp;
}

/** An op that every backend must have a kernel for. */
export function definePrimitive<
  const N extends string,
  const I extends Names,
  A,
  const S extends Savable<I, readonly ["output"]> = never,
>(
  name: N,
  definition: PrimitiveDefinition<I, A, readonly ["output"], S> & { readonly outputs?: never },
): Primitive<N, I, A>;
export function definePrimitive<
  const N extends string,
  const I extends Names,
  A,
  const O extends Names,
  const S extends Savable<I, O> = never,
>(
  name: N,
  definition: PrimitiveDefinition<I, A, O, S> & { readonly outputs: O },
): Primitive<N, I, A, O>;
export function definePrimitive(name: string, definition: object): AnyOp {
  return build("primitive", name, definition as Erased);
}

/** An op in terms of others; a backend may add a kernel to be faster. */
export function defineFusable<
  const N extends string,
  const I extends Names,
  A,
  const S extends Savable<I, readonly ["output"]> = never,
>(
  name: N,
  definition: FusableDefinition<I, A, readonly ["output"], S> & { readonly outputs?: never },
): Fusable<N, I, A>;
export function defineFusable<
  const N extends string,
  const I extends Names,
  A,
  const O extends Names,
  const S extends Savable<I, O> = never,
>(
  name: N,
  definition: FusableDefinition<I, A, O, S> & { readonly outputs: O },
): Fusable<N, I, A, O>;
export function defineFusable(name: string, definition: object): AnyOp {
  return build("fusable", name, definition as Erased);
}

/** An op that only shows its input's elements under another geometry: strides, no kernel. */
export function defineView<const N extends string, A>(
  name: N,
  definition: ViewDefinition<A>,
): ViewOp<N, A> {
  const op = build("view", name, {
    inputs: ["input"],
    infer: ([input]: readonly [TensorSpec & Geometry], attrs: A) => [
      { shape: definition.view(input, attrs).shape, dtype: input.dtype },
    ],
    gradient: definition.gradient as unknown as ErasedGradient,
    view: definition.view,
  });
  return op as ViewOp<N, A>;
}

/** A tensor's values on the host, in row-major order. */
export interface HostTensor extends TensorSpec {
  readonly data: TypedArray;
}

/** An op whose output's shape depends on values: it reads, computes on the host and uploads. */
export interface DynamicOp<
  N extends string,
  I extends Names,
  A,
  O extends Names = readonly ["output"],
> {
  readonly kind: "dynamic";
  readonly name: N;
  readonly inputs: I;
  readonly outputs: O;
  /** Checks shapes, dtypes and attributes. */
  check(inputs: InputSpecs<I>, attrs: A): void;
  /** The results, computed on the host from what was read. */
  compute(
    inputs: { readonly [K in keyof I]: HostTensor },
    attrs: A,
  ): { readonly [K in keyof O]: HostTensor };
}

/** Never differentiable: what can be is composed of a dynamic op's indices and gathers. */
export function defineDynamic<
  const N extends string,
  const I extends Names,
  A,
  const O extends Names,
>(name: N, definition: Omit<DynamicOp<N, I, A, O>, "kind" | "name">): DynamicOp<N, I, A, O> {
  return { kind: "dynamic", name, ...definition };
}
