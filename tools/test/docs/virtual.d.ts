// The module that the docExamples() plugin makes.
declare module "virtual:doc-examples" {
  export const examples: readonly {
    readonly file: string;
    readonly line: number;
    readonly load: () => Promise<unknown>;
  }[];
}
