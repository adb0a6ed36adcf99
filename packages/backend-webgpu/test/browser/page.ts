// Runs in a page: the kit on the browser's own WebGPU; the report goes back to the server.
import "@tead/autograd";
import { webgpu } from "@tead/backend-webgpu";
import { runConformance } from "@tead/conformance";

const { search } = (globalThis as unknown as { readonly location: { readonly search: string } })
  .location;
const parameters = new URLSearchParams(search);
const ops = parameters.get("ops");

async function outcome(): Promise<unknown> {
  try {
    return await runConformance({
      create: () => webgpu(),
      ...(ops === null ? {} : { ops: ops.split(",") }),
    });
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

await fetch("/report", { method: "POST", body: JSON.stringify(await outcome()) });
