// The entry "@tead/transforms/node": PNG, and images as files. Everything else of the package runs anywhere.
/// <reference types="node" preserve="true" />
export { type ReadImageOptions, readImage, writeImage } from "./node/files.ts";
export { decodePng, encodePng, pngDecoder } from "./node/png.ts";
