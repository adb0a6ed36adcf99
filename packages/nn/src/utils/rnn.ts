// Sequences of several lengths, PyTorch's torch.nn.utils.rnn.
export {
  type EnforceSortedOption,
  type PadPackedOptions,
  packPaddedSequence,
  packSequence,
  padPackedSequence,
  unpackSequence,
} from "./rnn-pack.ts";
export { PackedSequence } from "./rnn-packed.ts";
export {
  type BatchFirstOption,
  type PadSequenceOptions,
  padSequence,
  unpadSequence,
} from "./rnn-padded.ts";
