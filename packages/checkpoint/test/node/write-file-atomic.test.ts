import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleToFile } from "../../../../tools/bundle.mjs";
import { writeFileAtomic } from "../../src/node.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const path = useTemporaryFolder();
const names = (): string[] => readdirSync(path()).sort();

describe("writeFileAtomic()", () => {
  it.each<[string, Parameters<typeof writeFileAtomic>[1]]>([
    ["text", "größer"],
    ["bytes", new TextEncoder().encode("größer")],
    ["parts", ["grö", "ßer"].map((text) => new TextEncoder().encode(text))],
    [
      "parts that take time",
      (async function* () {
        yield new TextEncoder().encode("grö");
        await new Promise((resolve) => setTimeout(resolve, 5));
        yield new TextEncoder().encode("ßer");
      })(),
    ],
  ])("writes %s", async (_, content) => {
    await writeFileAtomic(path("file"), content);
    expect(readFileSync(path("file"), "utf8")).toBe("größer");
    expect(names()).toEqual(["file"]);
  });

  it("replaces a file, keeping its permissions", async () => {
    writeFileSync(path("file"), "old");
    chmodSync(path("file"), 0o640);
    await writeFileAtomic(path("file"), "new");
    expect(readFileSync(path("file"), "utf8")).toBe("new");
    expect(statSync(path("file")).mode & 0o777).toBe(0o640);
  });

  it("gives a new file the permissions it is told", async () => {
    await writeFileAtomic(path("secret"), "x", { mode: 0o600 });
    expect(statSync(path("secret")).mode & 0o777).toBe(0o600);
  });

  it("follows a symbolic link and leaves it in place", async () => {
    writeFileSync(path("target"), "old");
    symlinkSync("target", path("link"));
    await writeFileAtomic(path("link"), "new");
    expect(lstatSync(path("link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(path("target"), "utf8")).toBe("new");
  });

  it("keeps the old file when the content fails, and cleans up", async () => {
    writeFileSync(path("file"), "old");
    async function* content(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100);
      expect(names()).toHaveLength(2);
      throw new Error("device lost");
    }
    const error = await writeFileAtomic(path("file"), content()).catch((e: Error) => e);
    expect(error).toMatchObject({
      message: `writeFileAtomic: Cannot write ${path("file")}: at byte 100: device lost`,
      cause: { message: "device lost" },
    });
    expect(names()).toEqual(["file"]);
    expect(readFileSync(path("file"), "utf8")).toBe("old");
  });

  it("names a file that cannot be made", async () => {
    const missing = path("no/such/folder/file");
    await expect(writeFileAtomic(missing, "x")).rejects.toThrow(
      `writeFileAtomic: Cannot write ${missing}: at byte 0: ENOENT`,
    );
  });

  it("lets the last of several writers win, whole", async () => {
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(50_000));
    await Promise.all(texts.map((text) => writeFileAtomic(path("file"), text)));
    expect(texts).toContain(readFileSync(path("file"), "utf8"));
    expect(names()).toEqual(["file"]);
  });
});

describe("writeFileAtomic() in a process that is stopped", () => {
  let script: string;
  beforeAll(async () => {
    script = await bundleToFile(new URL("./child.ts", import.meta.url));
  });

  it("leaves a whole file when killed while writing", async () => {
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, [script, "forever", path("file")], { stdio: "ignore" });
      // Not before it writes, and then at another moment each time.
      await expect.poll(() => existsSync(path("file"))).toBe(true);
      await expect.poll(() => names().some((name) => name.endsWith(".tmp"))).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 7 * round));
      child.kill("SIGKILL");
      await once(child, "exit");
      const content = readFileSync(path("file"));
      expect(content.length).toBe(2_000_000);
      expect(new Set(content).size).toBe(1);
    }
  });

  it("leaves the old file on a full disk, and says where it was full", () => {
    writeFileSync(path("last.ckpt"), "old");
    // The shell's limit on file sizes stands for the disk: 8 blocks of 512 or 1024 bytes.
    const command = 'trap "" XFSZ; ulimit -f 8; exec "$0" "$1" full "$2"';
    const args = ["-c", command, process.execPath, script, path("last.ckpt")];
    const { status, stdout, stderr } = spawnSync("bash", args);
    expect([status, `${stderr}`]).toEqual([0, ""]);
    expect(`${stdout}`).toMatch(
      /^writeFileAtomic: Cannot write \S+last\.ckpt: at byte (4096|8192): EFBIG: file too large, write$/,
    );
    expect(readFileSync(path("last.ckpt"), "utf8")).toBe("old");
    expect(names()).toEqual(["last.ckpt"]);
  });
});
