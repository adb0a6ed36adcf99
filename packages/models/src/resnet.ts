// The ResNet family, with torchvision's structure, names and initial values.
import {
  AdaptiveAvgPool2d,
  type AnyModule,
  BatchNorm2d,
  Conv2d,
  init,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "@tead/nn";
import type { Tensor } from "@tead/tensor";

/** How a block is made. */
interface BlockOptions {
  readonly stride: number;
  readonly groups: number;
  readonly baseWidth: number;
  readonly dilation: number;
  readonly downsample: Sequential | undefined;
}
interface BlockClass {
  /** By how much a block's output has more channels than its planes. */
  readonly expansion: number;
  new (inPlanes: number, planes: number, options: BlockOptions): BasicBlock | Bottleneck;
}

const conv3x3 = (inPlanes: number, planes: number, stride = 1, groups = 1, dilation = 1): Conv2d =>
  new Conv2d(inPlanes, planes, 3, { stride, padding: dilation, groups, bias: false, dilation });
const conv1x1 = (inPlanes: number, planes: number, stride = 1): Conv2d =>
  new Conv2d(inPlanes, planes, 1, { stride, bias: false });

/** Two 3x3 convolutions beside an identity: the block of resnet18 and resnet34. */
export class BasicBlock extends Module {
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly relu: ReLU;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Layer | undefined;

  constructor(inPlanes: number, planes: number, options: BlockOptions) {
    super();
    const { stride, groups, baseWidth, dilation, downsample } = options;
    if (groups !== 1 || baseWidth !== 64 || dilation !== 1)
      throw new RangeError(
        "BasicBlock: Options do not fit: expected groups 1, widthPerGroup 64 and no dilation, " +
          `received ${groups}, ${baseWidth} and ${dilation}`,
      );
    this.conv1 = conv3x3(inPlanes, planes, stride);
    this.bn1 = new BatchNorm2d(planes);
    this.relu = new ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = new BatchNorm2d(planes);
    this.downsample = downsample;
  }
  override forward(x: Tensor): Tensor {
    const identity = this.downsample?.forward(x) ?? x;
    const inner = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    const out = this.bn2.forward(this.conv2.forward(inner));
    return this.relu.forward(out.add_(identity));
  }
}

/** A 3x3 convolution between two 1x1, beside an identity: the block of resnet50 and deeper. */
export class Bottleneck extends Module {
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly relu: ReLU;
  readonly downsample: Layer | undefined;

  constructor(inPlanes: number, planes: number, options: BlockOptions) {
    super();
    const { stride, groups, baseWidth, dilation, downsample } = options;
    const width = Math.floor(planes * (baseWidth / 64)) * groups;
    this.conv1 = conv1x1(inPlanes, width);
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = conv3x3(width, width, stride, groups, dilation);
    this.bn2 = new BatchNorm2d(width);
    this.conv3 = conv1x1(width, planes * Bottleneck.expansion);
    this.bn3 = new BatchNorm2d(planes * Bottleneck.expansion);
    this.relu = new ReLU({ inplace: true });
    this.downsample = downsample;
  }
  override forward(x: Tensor): Tensor {
    const identity = this.downsample?.forward(x) ?? x;
    let out = this.relu.forward(this.bn1.forward(this.conv1.forward(x)));
    out = this.relu.forward(this.bn2.forward(this.conv2.forward(out)));
    out = this.bn3.forward(this.conv3.forward(out));
    return this.relu.forward(out.add_(identity));
  }
}

/** Options of {@link ResNet}. */
export interface ResNetOptions {
  /** How many classes. Default 1000. */
  readonly numClasses?: number;
  /** Whether each block begins as an identity. Default false. */
  readonly zeroInitResidual?: boolean;
  /** Groups of the 3x3 convolutions (ResNeXt). Default 1. */
  readonly groups?: number;
  /** Channels of each group, for 64 planes. Default 64. */
  readonly widthPerGroup?: number;
  /** Which of the last three stages dilate in place of striding. Default none. */
  readonly replaceStrideWithDilation?: readonly [boolean, boolean, boolean];
}

/**
 * A residual network of four stages.
 *
 * **Shapes**: `input [N, 3, H, W] -> [N, numClasses]`.
 *
 * @param block - BasicBlock or Bottleneck.
 * @param layers - How many blocks each stage has.
 * @param options - `numClasses` and others.
 * @see He, Zhang, Ren, Sun: Deep residual learning for image recognition, https://arxiv.org/abs/1512.03385
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { BasicBlock, ResNet } from "@tead/models";
 * import { setDefaultDevice, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const tiny = new ResNet(BasicBlock, [1, 1, 1, 1], { numClasses: 2 });
 * assert.deepEqual(tiny.eval().forward(zeros([1, 3, 32, 32])).shape, [1, 2]);
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly relu: ReLU;
  readonly maxpool: MaxPool2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly fc: Linear;
  readonly #block: BlockClass;
  readonly #options: Required<ResNetOptions>;
  #inPlanes = 64;
  #dilation = 1;

  constructor(
    block: BlockClass,
    layers: readonly [number, number, number, number],
    options: ResNetOptions = {},
  ) {
    super();
    this.#block = block;
    this.#options = {
      numClasses: 1000,
      zeroInitResidual: false,
      groups: 1,
      widthPerGroup: 64,
      replaceStrideWithDilation: [false, false, false],
      ...options,
    };
    const [dilate2, dilate3, dilate4] = this.#options.replaceStrideWithDilation;
    this.conv1 = new Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new BatchNorm2d(64);
    this.relu = new ReLU({ inplace: true });
    this.maxpool = new MaxPool2d(3, { stride: 2, padding: 1 });
    this.layer1 = this.#stage(64, layers[0], 1, false);
    this.layer2 = this.#stage(128, layers[1], 2, dilate2);
    this.layer3 = this.#stage(256, layers[2], 2, dilate3);
    this.layer4 = this.#stage(512, layers[3], 2, dilate4);
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.fc = new Linear(512 * block.expansion, this.#options.numClasses);
    this.#reset();
  }

  #stage(planes: number, blocks: number, stride: number, dilate: boolean): Sequential {
    const { groups, widthPerGroup: baseWidth } = this.#options;
    const outPlanes = planes * this.#block.expansion;
    const before = this.#dilation;
    if (dilate) this.#dilation *= stride;
    const step = dilate ? 1 : stride;
    const downsample =
      step !== 1 || this.#inPlanes !== outPlanes
        ? new Sequential(conv1x1(this.#inPlanes, outPlanes, step), new BatchNorm2d(outPlanes))
        : undefined;
    const first = { stride: step, groups, baseWidth, dilation: before, downsample };
    const others = { ...first, stride: 1, dilation: this.#dilation, downsample: undefined };
    const stage = new Sequential(new this.#block(this.#inPlanes, planes, first));
    this.#inPlanes = outPlanes;
    for (let i = 1; i < blocks; i++) stage.append(new this.#block(outPlanes, planes, others));
    return stage;
  }

  #reset(): void {
    const modules = this.modules();
    for (const m of modules)
      if (m instanceof Conv2d)
        init.kaimingNormal_(m.weight, { mode: "fanOut", nonlinearity: "relu" });
    if (!this.#options.zeroInitResidual) return;
    const last = (m: AnyModule): BatchNorm2d | undefined =>
      m instanceof Bottleneck ? m.bn3 : m instanceof BasicBlock ? m.bn2 : undefined;
    for (const weight of modules.map((m) => last(m)?.weight)) if (weight) init.zeros_(weight);
  }

  override forward(input: Tensor): Tensor {
    let x = this.relu.forward(this.bn1.forward(this.conv1.forward(input)));
    x = this.maxpool.forward(x);
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) x = stage.forward(x);
    return this.fc.forward(this.avgpool.forward(x).flatten(1));
  }
}

/**
 * ResNet-18.
 * @see https://pytorch.org/vision/stable/models/generated/torchvision.models.resnet18.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { resnet18 } from "@tead/models";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const model = resnet18({ numClasses: 10 });
 * assert.equal(model.stateDict()["layer1.0.bn1.running_mean"]?.shape[0], 64);
 */
export function resnet18(options?: ResNetOptions): ResNet {
  return new ResNet(BasicBlock, [2, 2, 2, 2], options);
}
/** ResNet-34. */
export function resnet34(options?: ResNetOptions): ResNet {
  return new ResNet(BasicBlock, [3, 4, 6, 3], options);
}
/** ResNet-50. */
export function resnet50(options?: ResNetOptions): ResNet {
  return new ResNet(Bottleneck, [3, 4, 6, 3], options);
}
/** ResNet-101. */
export function resnet101(options?: ResNetOptions): ResNet {
  return new ResNet(Bottleneck, [3, 4, 23, 3], options);
}
/** ResNet-152. */
export function resnet152(options?: ResNetOptions): ResNet {
  return new ResNet(Bottleneck, [3, 8, 36, 3], options);
}
