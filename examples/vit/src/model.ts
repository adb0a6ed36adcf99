// A small vision transformer: an image as a row of patches, read by an encoder.
import {
  Conv2d,
  init,
  LayerNorm,
  Linear,
  Module,
  Parameter,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "@tead/nn";
import { cat, empty, type Tensor } from "@tead/tensor";

/** Sizes of {@link VisionTransformer}. */
export interface VisionTransformerOptions {
  /** Height and width of the images. Default 28. */
  readonly imageSize?: number;
  /** Height and width of a patch. Default 7. */
  readonly patchSize?: number;
  /** The size of a patch's vector. Default 32. */
  readonly size?: number;
  /** How many encoder layers. Default 2. */
  readonly layers?: number;
  /** How many heads each has. Default 4. */
  readonly heads?: number;
  /** How many classes. Default 10. */
  readonly classes?: number;
}

/** images [N, 1, H, W] -> the scores of the classes, [N, classes]. */
export class VisionTransformer extends Module {
  readonly patches: Conv2d;
  readonly classToken: Parameter;
  readonly positions: Parameter;
  readonly encoder: TransformerEncoder;
  readonly head: Linear;

  constructor(options: VisionTransformerOptions = {}) {
    super();
    const {
      imageSize = 28,
      patchSize = 7,
      size = 32,
      layers = 2,
      heads = 4,
      classes = 10,
    } = options;
    const count = (imageSize / patchSize) ** 2;
    this.patches = new Conv2d(1, size, patchSize, { stride: patchSize });
    this.classToken = new Parameter(init.normal_(empty([1, 1, size]), 0, 0.02));
    this.positions = new Parameter(init.normal_(empty([1, count + 1, size]), 0, 0.02));
    const layer = new TransformerEncoderLayer(size, heads, {
      dimFeedforward: 2 * size,
      dropout: 0,
      activation: "gelu",
      batchFirst: true,
      normFirst: true,
    });
    this.encoder = new TransformerEncoder(layer, layers, { norm: new LayerNorm(size) });
    this.head = new Linear(size, classes);
  }

  override forward(images: Tensor): Tensor {
    const rows = this.patches.forward(images).flatten(2).transpose(1, 2); // [N, patches, size]
    const first = this.classToken.expand([rows.size(0), 1, rows.size(2)]);
    const read = this.encoder.forward(cat([first, rows], 1).add(this.positions));
    return this.head.forward(read.select(1, 0));
  }
}
