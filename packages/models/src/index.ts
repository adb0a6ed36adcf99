// The public face of @tead/models: re-exports only.
export { LeNet5, type LeNet5Options } from "./lenet.ts";
export {
  BasicBlock,
  Bottleneck,
  ResNet,
  type ResNetOptions,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
} from "./resnet.ts";
export { TutorialCnn, type TutorialCnnOptions } from "./tutorial-cnn.ts";
