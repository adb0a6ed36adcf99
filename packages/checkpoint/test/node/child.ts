// Programs that are stopped in the middle of writing: by a signal, on a full disk.
import { cpu } from "@tead/backend-cpu";
import { saveCheckpoint, writeFileAtomic } from "@tead/checkpoint/node";
import { full, setDefaultDevice } from "@tead/tensor";

const [mode, path] = process.argv.slice(2) as [string, string];

if (mode === "forever") {
  for (let version = 0; ; version = (version + 1) % 10) {
    const part = new Uint8Array(100_000).fill(48 + version);
    await writeFileAtomic(
      path,
      Array.from({ length: 20 }, () => part),
    );
  }
}

if (mode === "full") {
  setDefaultDevice(cpu());
  try {
    await saveCheckpoint(path, { weight: full([10_000], 1.5) });
  } catch (error) {
    process.stdout.write((error as Error).message);
  }
}
