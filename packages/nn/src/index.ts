// The public face of @tead/nn: re-exports only.
export { ModuleDict } from "./containers/module-dict.ts";
export { ModuleList } from "./containers/module-list.ts";
export { ParameterDict, ParameterList } from "./containers/parameter-list.ts";
export { Sequential } from "./containers/sequential.ts";
export * as functional from "./functional/index.ts";
export * as init from "./init/index.ts";
export * from "./layers/index.ts";
export * from "./losses/index.ts";
export type { BackwardHook, BackwardPreHook } from "./module/backward-hook.ts";
export {
  type ModuleForwardHook,
  type ModuleForwardPreHook,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
} from "./module/global-hooks.ts";
export type { ForwardHookOptions, Hook, HookOptions, PreHook } from "./module/hooks.ts";
export type { NamedOptions } from "./module/members.ts";
export { type AnyModule, type Layer, Module } from "./module/module.ts";
export type { LoadOptions, LoadResult, StateDict, StateDictOptions } from "./module/state-dict.ts";
export type {
  LoadStateDictPostHook,
  LoadStateDictPreHook,
  StateDictHook,
  StateDictPreHook,
} from "./module/state-hooks.ts";
export { stateKey } from "./module/state-key.ts";
export {
  type BufferOptions,
  buffer,
  ModuleBuffer,
  Parameter,
  type ParameterOptions,
} from "./parameter.ts";
export {
  UninitializedBuffer,
  type UninitializedOptions,
  UninitializedParameter,
} from "./uninitialized.ts";
export * as utils from "./utils/index.ts";
