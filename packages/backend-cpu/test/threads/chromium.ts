// Runs a module in a page of headless Chromium, served with or without cross-origin isolation, and waits for what it reports.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Chromium stands, if anywhere. */
export const chromium: string | undefined = [
  process.env.CHROMIUM_PATH ?? "",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

const flags = ["--headless=new", "--no-sandbox", "--no-first-run", "--disable-gpu"];
const isolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** The JSON that the page posts to /report. */
export async function runInPage(script: string, isolated: boolean): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "tead-chromium-"));
  let report = (_: unknown): void => {};
  const reported = new Promise((resolve) => {
    report = resolve;
  });
  const server = createServer(async (request, response) => {
    const headers = isolated ? isolation : {};
    if (request.method === "POST") {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(200, headers).end();
      report(JSON.parse(body));
    } else if (request.url === "/page.js")
      response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end(script);
    else
      response
        .writeHead(200, { ...headers, "content-type": "text/html" })
        .end('<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const args = [...flags, `--user-data-dir=${profile}`, url];
  const browser = spawn(chromium as string, args, { stdio: "ignore" });
  const ended = once(browser, "exit");
  try {
    const failed = ended.then(([code]) => Promise.reject(new Error(`Chromium ended with ${code}`)));
    return await Promise.race([reported, failed]);
  } finally {
    ended.catch(() => {});
    browser.kill("SIGKILL");
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
