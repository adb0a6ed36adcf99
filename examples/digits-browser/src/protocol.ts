// What the page and its worker say to each other. Types only.

/** What computes: the GPU, or the processor by WebAssembly. */
export type DeviceName = "webgpu" | "cpu";

/** What the form says. */
export interface Settings {
  /** Training images; a sixth as many test the network. */
  readonly images: number;
  readonly batchSize: number;
  /** How many epochs until it stops by itself. */
  readonly epochs: number;
  readonly learningRate: number;
}

/** What the page asks. */
export type Request =
  | { readonly type: "open"; readonly device: DeviceName }
  /** Begins to train, or goes on; the settings count when it begins. */
  | { readonly type: "train"; readonly settings: Settings }
  | { readonly type: "pause" }
  /** The class of a 28 x 28 image, values from 0 to 1. */
  | { readonly type: "classify"; readonly pixels: Float32Array };

/** A gray image of 28 x 28 pixels with its class. */
export interface LabeledImage {
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** The class that the network is most certain of. */
export interface Prediction {
  readonly digit: number;
  readonly probability: number;
}

/** What the worker reports. */
export type Report =
  /** The device is open and the network is made; `samples` are the test images to show. */
  | {
      readonly type: "opened";
      readonly device: DeviceName;
      /** Why it is not the device that was asked for. */
      readonly note?: string;
      readonly samples: readonly LabeledImage[];
    }
  /** The losses of the latest steps. */
  | {
      readonly type: "losses";
      readonly values: readonly number[];
      /** Epochs that are done, as a fraction: 1.5 is half way through the second. */
      readonly epoch: number;
      readonly imagesPerSecond: number;
    }
  | { readonly type: "epoch"; readonly accuracy: number }
  | { readonly type: "predictions"; readonly predictions: readonly Prediction[] }
  | { readonly type: "probabilities"; readonly values: readonly number[] }
  /** It stopped: all epochs are done, or it was told to pause. */
  | { readonly type: "idle"; readonly finished: boolean }
  | { readonly type: "failed"; readonly message: string };
