// Two translators with one face: source [N, S] and target [N, T] give the scores of each target
// word that comes next, [N, T, words].
import {
  buffer,
  Embedding,
  GRU,
  Linear,
  Module,
  type ModuleBuffer,
  Transformer,
  utils,
} from "@tead/nn";
import { arange, stack, type Tensor } from "@tead/tensor";
import { DIGITS, PAD, WORDS } from "./numbers.ts";

/** What both are. */
export type Translator = Module<[source: Tensor, target: Tensor]>;

/** A GRU reads the digits; its last state is where another one begins to write. */
export class GRUTranslator extends Module<[source: Tensor, target: Tensor]> {
  readonly digits: Embedding;
  readonly words: Embedding;
  readonly encoder: GRU;
  readonly decoder: GRU;
  readonly head: Linear;

  constructor(size = 32, hidden = 64) {
    super();
    this.digits = new Embedding(DIGITS.length, size, { paddingIdx: PAD });
    this.words = new Embedding(WORDS.length, size, { paddingIdx: PAD });
    this.encoder = new GRU(size, hidden, { batchFirst: true });
    this.decoder = new GRU(size, hidden, { batchFirst: true });
    this.head = new Linear(hidden, WORDS.length);
  }

  override forward(source: Tensor, target: Tensor): Tensor {
    const packed = utils.rnn.packPaddedSequence(
      this.digits.forward(source),
      source.ne(PAD).sum(1),
      { batchFirst: true, enforceSorted: false },
    );
    const [, state] = this.encoder.forward(packed);
    const [output] = this.decoder.forward(this.words.forward(target), state);
    return this.head.forward(output);
  }
}

/** Sines and cosines of falling frequency: where a step stands. [steps, size] */
function positions(steps: number, size: number): Tensor {
  const step = arange(steps, { dtype: "float32" }).unsqueeze(1);
  const waves = Array.from({ length: size / 2 }, (_, i) => step.div(10_000 ** ((2 * i) / size)));
  return stack(waves.flatMap((wave) => [wave.sin(), wave.cos()]))
    .squeeze(-1)
    .t();
}

/** A Transformer reads the digits and writes the words. */
export class TransformerTranslator extends Module<[source: Tensor, target: Tensor]> {
  readonly digits: Embedding;
  readonly words: Embedding;
  readonly positions: ModuleBuffer;
  readonly transformer: Transformer;
  readonly head: Linear;

  constructor(size = 32, nhead = 4) {
    super();
    this.digits = new Embedding(DIGITS.length, size, { paddingIdx: PAD });
    this.words = new Embedding(WORDS.length, size, { paddingIdx: PAD });
    this.positions = buffer(positions(8, size), { persistent: false });
    this.transformer = new Transformer({
      dModel: size,
      nhead,
      numEncoderLayers: 2,
      numDecoderLayers: 2,
      dimFeedforward: 2 * size,
      dropout: 0,
      batchFirst: true,
    });
    this.head = new Linear(size, WORDS.length);
  }

  #placed(embedded: Tensor): Tensor {
    return embedded.add(this.positions.narrow(0, 0, embedded.size(1)));
  }
  override forward(source: Tensor, target: Tensor): Tensor {
    const padding = source.eq(PAD);
    const output = this.transformer.forward(
      this.#placed(this.digits.forward(source)),
      this.#placed(this.words.forward(target)),
      { srcKeyPaddingMask: padding, memoryKeyPaddingMask: padding, tgtIsCausal: true },
    );
    return this.head.forward(output);
  }
}
