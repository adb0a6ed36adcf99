// A network that reads characters and says which comes next, and the writing of text with it.
import { Embedding, Linear, LSTM, type LSTMState, Module } from "@tead/nn";
import { noGrad, type Tensor, tensor } from "@tead/tensor";

/** The characters of a text by number, in the order of their codes. */
export class Vocabulary {
  readonly characters: readonly string[];

  constructor(text: string) {
    this.characters = [...new Set(text)].sort();
  }
  get size(): number {
    return this.characters.length;
  }
  /** Characters as their numbers. */
  encode(text: string): Tensor {
    return tensor(Int32Array.from(text, (c) => this.characters.indexOf(c)));
  }
}

/** tokens [N, L] -> the scores of what follows each, [N, L, vocabulary]. */
export class CharModel extends Module<
  [tokens: Tensor, state?: LSTMState],
  readonly [scores: Tensor, state: LSTMState]
> {
  readonly embedding: Embedding;
  readonly lstm: LSTM;
  readonly head: Linear;

  constructor(
    vocabulary: number,
    {
      size = 16,
      hidden = 64,
      layers = 1,
    }: { readonly size?: number; readonly hidden?: number; readonly layers?: number } = {},
  ) {
    super();
    this.embedding = new Embedding(vocabulary, size);
    this.lstm = new LSTM(size, hidden, { numLayers: layers, batchFirst: true });
    this.head = new Linear(hidden, vocabulary);
  }

  override forward(tokens: Tensor, state?: LSTMState): readonly [Tensor, LSTMState] {
    const [output, next] = this.lstm.forward(this.embedding.forward(tokens), state);
    return [this.head.forward(output), next];
  }
}

/** Goes on from `start`, drawing each character by its probability; low temperatures dare less. */
export async function write(
  model: CharModel,
  vocabulary: Vocabulary,
  start: string,
  {
    length = 200,
    temperature = 0.5,
  }: { readonly length?: number; readonly temperature?: number } = {},
): Promise<string> {
  return noGrad(async () => {
    let text = start;
    let [scores, state] = model.forward(vocabulary.encode(start).unsqueeze(0));
    while (text.length < start.length + length) {
      const odds = scores
        .select(1, scores.size(1) - 1)
        .div(temperature)
        .softmax(-1);
      const next = await odds.multinomial(1);
      text += vocabulary.characters[Number(await next.item())];
      [scores, state] = model.forward(next, state);
    }
    return text;
  });
}
