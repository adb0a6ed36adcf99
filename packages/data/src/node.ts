// The entry "@tead/data/node": data sets in files, and downloads.

export {
  DownloadError,
  type DownloadOptions,
  type DownloadProgress,
  downloadFile,
} from "./node/download.ts";
export { gunzip } from "./node/gunzip.ts";
export { type ImageFile, ImageFiles, type ImageFilesOptions } from "./node/image-files.ts";
export { ImageFolder } from "./node/image-folder.ts";
export {
  LabeledImageFolder,
  type LabeledImageFolderOptions,
} from "./node/labeled-image-folder.ts";
export { FashionMNIST, MNIST, type MnistOptions } from "./node/mnist.ts";
