// The numbers behind GPUBufferUsage and its like: the WebGPU standard fixes them, and Node has no
// global that names them.

/** What a buffer may be used for. */
export const bufferUsage = {
  mapRead: 0x0001,
  copySource: 0x0004,
  copyTarget: 0x0008,
  uniform: 0x0040,
  storage: 0x0080,
} as const;

/** `GPUMapMode.READ`. */
export const mapRead = 0x0001;

/** `GPUShaderStage.COMPUTE`. */
export const computeStage = 0x0004;
