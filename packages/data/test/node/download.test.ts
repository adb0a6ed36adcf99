import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DownloadError, type DownloadProgress, downloadFile } from "@tead/data/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 256);
const md5 = createHash("md5").update(content).digest("hex");

let server: Server;
let base = "";
/** The range header of each request, in order. */
let ranges: (string | undefined)[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const folder = temporaryFolder();

beforeEach(async () => {
  ranges = [];
  answer = serve(content);
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

/** A server that knows ranges. */
function serve(body: Uint8Array): typeof answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (start >= body.length) return response.writeHead(416).end();
    const headers: Record<string, string | number> = { "content-length": body.length - start };
    if (start > 0) headers["content-range"] = `bytes ${start}-${body.length - 1}/${body.length}`;
    return response.writeHead(start > 0 ? 206 : 200, headers).end(body.subarray(start));
  };
}

/** A server that promises everything and hangs up after `count` bytes. */
function hangUpAfter(count: number): typeof answer {
  return (_request, response) => {
    response.writeHead(200, { "content-length": content.length });
    response.write(content.subarray(0, count), () => setTimeout(() => response.destroy(), 20));
  };
}

const target = (): string => join(folder(), "deep", "a.bin");
const files = (): Promise<string[]> => readdir(join(folder(), "deep"));
const md5Of = async (path: string): Promise<string> =>
  createHash("md5")
    .update(await readFile(path))
    .digest("hex");

async function failureOf(download: Promise<void>): Promise<DownloadError> {
  const error = await download.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DownloadError);
  return error as DownloadError;
}

async function startPart(bytes: Uint8Array): Promise<void> {
  await mkdir(join(folder(), "deep"));
  await writeFile(`${target()}.part`, bytes);
}

describe("downloadFile()", () => {
  it("writes the whole file under its name and nothing else", async () => {
    const progress: DownloadProgress[] = [];
    await downloadFile([`${base}/a`], target(), { md5, onProgress: (p) => progress.push(p) });
    expect(await md5Of(target())).toBe(md5);
    expect(await files()).toEqual(["a.bin"]);
    expect(progress.at(-1)).toEqual({
      url: `${base}/a`,
      receivedBytes: content.length,
      totalBytes: content.length,
    });
  });

  it("leaves a file that is there already alone", async () => {
    await startPart(new Uint8Array(0));
    await writeFile(target(), content);
    await downloadFile([`${base}/a`], target(), { md5 });
    expect(ranges).toEqual([]);
  });

  it("downloads anew over a file with another checksum, which stays until then", async () => {
    await startPart(new Uint8Array(0));
    await writeFile(target(), "old");
    answer = (_request, response) => response.writeHead(503).end();
    await failureOf(downloadFile([`${base}/a`], target(), { md5 }));
    expect(await readFile(target(), "utf8")).toBe("old");
    answer = serve(content);
    await downloadFile([`${base}/a`], target(), { md5 });
    expect(await md5Of(target())).toBe(md5);
  });

  it("continues in the next run where the connection broke", async () => {
    answer = hangUpAfter(100_000);
    const error = await failureOf(downloadFile([`${base}/a`], target(), { md5 }));
    const [part] = await files();
    expect(part).toBe("a.bin.part");
    const kept = (await stat(`${target()}.part`)).size;
    expect(kept).toBeGreaterThan(0);
    expect(error.message).toContain(`${kept} bytes are kept, the next run goes on from there`);
    answer = serve(content);
    await downloadFile([`${base}/a`], target(), { md5 });
    expect(ranges).toEqual([undefined, `bytes=${kept}-`]);
    expect(await md5Of(target())).toBe(md5);
    expect(await files()).toEqual(["a.bin"]);
  });

  it("goes on at the next mirror, from where the first one failed", async () => {
    const whole = serve(content);
    const broken = hangUpAfter(50_000);
    answer = (request, response) => (request.url === "/broken" ? broken : whole)(request, response);
    await downloadFile([`${base}/broken`, `${base}/whole`], target(), { md5 });
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
    expect(await md5Of(target())).toBe(md5);
  });

  it("starts over when the server does not know ranges", async () => {
    await startPart(content.slice(0, 1000));
    answer = (_request, response) => response.end(content);
    await downloadFile([`${base}/a`], target(), { md5 });
    expect(ranges).toEqual(["bytes=1000-"]);
    expect(await md5Of(target())).toBe(md5);
  });

  it("starts over when what was kept belongs to another file", async () => {
    await startPart(Uint8Array.from({ length: 1000 }, () => 1));
    await downloadFile([`${base}/a`], target(), { md5 });
    expect(ranges).toEqual(["bytes=1000-", undefined]);
    expect(await md5Of(target())).toBe(md5);
  });

  it("keeps a part that is whole already", async () => {
    await startPart(content);
    await downloadFile([`${base}/a`], target(), { md5 });
    expect(ranges).toEqual([`bytes=${content.length}-`]);
    expect(await md5Of(target())).toBe(md5);
  });

  it("refuses a file with a wrong checksum and keeps nothing of it", async () => {
    answer = serve(content.slice(0, 10));
    const error = await failureOf(downloadFile([`${base}/a`], target(), { md5 }));
    expect(error.failures.get(`${base}/a`)).toMatch(
      new RegExp(`^wrong MD5: expected ${md5}, received [0-9a-f]{32}$`),
    );
    expect(await files()).toEqual([]);
  });

  it("says of each mirror what went wrong, and what to do without a network", async () => {
    answer = (_request, response) => response.writeHead(404).end();
    const closed = await closedPort();
    const urls = [`${base}/a`, `http://127.0.0.1:${closed}/b`, "http://nowhere.invalid/c"];
    const error = await failureOf(downloadFile(urls, target(), { md5 }));
    expect(error.message.split("\n")).toEqual([
      `downloadFile: Cannot download ${target()}: no mirror delivered it`,
      `  ${urls[0]}: HTTP 404 Not Found`,
      expect.stringMatching(/^ {2}http:\/\/127\.0\.0\.1:\d+\/b: connect ECONNREFUSED /),
      expect.stringMatching(/^ {2}http:\/\/nowhere\.invalid\/c: no network, or no such host/),
      `Hint: without a network, put the file at ${target()} yourself`,
    ]);
  });

  it("stops when its signal does, and keeps what has arrived", async () => {
    answer = (_request, response) => {
      response.writeHead(200, { "content-length": content.length });
      response.write(content.subarray(0, 70_000));
    };
    const controller = new AbortController();
    const download = downloadFile([`${base}/a`], target(), {
      md5,
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("enough")),
    });
    await expect(download).rejects.toThrow("enough");
    expect(await files()).toEqual(["a.bin.part"]);
  });

  it("names the file when it cannot be written", async () => {
    await startPart(new Uint8Array(0));
    await mkdir(target());
    await expect(downloadFile([`${base}/a`], target(), { md5 })).rejects.toThrow(
      `downloadFile: Cannot write ${target()}.part: `,
    );
  });

  it("refuses an empty list of mirrors", async () => {
    await expect(downloadFile([], target())).rejects.toThrow(
      `downloadFile: Cannot download ${target()}: no URL`,
    );
  });
});

async function closedPort(): Promise<number> {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const { port } = other.address() as AddressInfo;
  await new Promise((done) => other.close(done));
  return port;
}
