// Opens a page in headless Chromium on SwiftShader and waits for what it posts. No driver package:
// the page is served from here and reports to here.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Chromium stands, if anywhere. */
export const chromium: string | undefined = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

const flags = [
  "--headless=new",
  "--no-sandbox",
  "--no-first-run",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
];

/** Headers of a page whose memory can be shared with workers. */
export const isolation: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Runs a module in a page; resolves with the JSON that it posts to /report. */
export async function runInChromium(
  script: string,
  query = "",
  headers: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "tead-chromium-"));
  let browser: ChildProcess | undefined;
  const { promise, resolve, reject } = withResolvers();
  const server = createServer(async (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.method === "POST") {
      response.end();
      resolve(JSON.parse(await bodyOf(request)));
    } else if (request.url === "/page.js") {
      response.setHeader("content-type", "text/javascript").end(script);
    } else {
      response.setHeader("content-type", "text/html");
      response.end(
        '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
      );
    }
  });
  try {
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const page = `http://127.0.0.1:${port}/?${query}`;
    const args = [...flags, `--user-data-dir=${profile}`, page];
    browser = spawn(chromium as string, args, { stdio: "ignore", detached: true });
    browser.once("error", reject);
    browser.once("exit", (code) => reject(new Error(`Chromium ended with ${code}`)));
    return await promise;
  } finally {
    await ended(browser);
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function ended(browser: ChildProcess | undefined): Promise<void> {
  if (browser === undefined || browser.exitCode !== null || browser.pid === undefined) return;
  const exit = new Promise((resolve) => browser.once("exit", resolve));
  // With all its processes, or one might still write into the profile.
  process.kill(-browser.pid, "SIGKILL");
  await exit;
}

interface Resolvers {
  readonly promise: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

function withResolvers(): Resolvers {
  let resolve: Resolvers["resolve"] = () => {};
  let reject: Resolvers["reject"] = () => {};
  const promise = new Promise<unknown>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}
