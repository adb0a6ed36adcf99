import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { cpu } from "@tead/backend-cpu";
import { arange, setDefaultDevice, type Tensor } from "@tead/tensor";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  load,
  type StoredTensor,
  safeOpen,
  save,
  saveSafetensors,
  torchOpen,
} from "../../src/index.ts";

/** What a server does with a request for the bytes that were asked for. */
type Answer = (request: IncomingMessage, response: ServerResponse, part: Part) => void;
interface Part {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

let server: Server;
let served: Uint8Array = new Uint8Array();
let requests: string[] = [];
let answer: Answer;

const rangeOf = ({ start, end }: Part, total: number | "*" = served.length): string =>
  `bytes ${start}-${end - 1}/${total}`;
const answers = {
  ranges: (_, response, part) => {
    response.writeHead(206, { "Content-Range": rangeOf(part) }).end(part.bytes);
  },
  "no ranges": (_, response) => void response.writeHead(200).end(served),
  "no size": (request, response, part) => {
    if (request.headers.range === undefined) return answers["no ranges"](request, response);
    response.writeHead(206, { "Content-Range": rangeOf(part, "*") }).end(part.bytes);
  },
  /** As a page of another origin sees it. */
  "no headers but a length": ({ method }, response, part) => {
    const head = method === "HEAD";
    response.writeHead(head ? 200 : 206, { "Content-Length": (head ? served : part.bytes).length });
    response.end(head ? undefined : part.bytes);
  },
  "no headers at all": ({ method, headers }, response, part) => {
    if (method === "HEAD") response.writeHead(405).end();
    else if (headers.range === undefined) response.writeHead(200).end(served);
    else response.writeHead(206).end(part.bytes);
  },
  "ranges at first only": (_, response, part) => {
    if (requests.length === 1) answers.ranges(_, response, part);
    else response.writeHead(200).end(served);
  },
  "a redirect": (request, response, part) => {
    if (request.url === "/elsewhere") answers.ranges(request, response, part);
    else response.writeHead(302, { Location: "/elsewhere" }).end();
  },
} satisfies Record<string, Answer>;

beforeAll(async () => {
  setDefaultDevice(cpu());
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.headers.range ?? ""}`);
    const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = Math.min(Number(last ?? served.length - 1) + 1, served.length);
    answer(request, response, { start, end, bytes: served.subarray(start, end) });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  setDefaultDevice(undefined);
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  requests = [];
  answer = answers.ranges;
});
const url = (): URL => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/model`);
const tensors = (): Record<string, Tensor> => ({
  a: arange(1000, { dtype: "float32" }),
  b: arange(100_000, { dtype: "float32" }),
});

describe("a file behind a URL", () => {
  it("is read by ranges, and no more of it than is touched", async () => {
    served = await save(tensors());
    await using file = await torchOpen<Record<string, StoredTensor>>(url());
    const a = await file.read(file.value.a!);
    expect(a.tolistSync()).toEqual(tensors().a!.tolistSync());
    const asked = requests.map((range) => /(\d+)-(\d+)/.exec(range)!.slice(1).map(Number));
    const total = asked.reduce((sum, [first, last]) => sum + last! - first! + 1, 0);
    expect([requests.length <= 4, total < 150_000]).toEqual([true, true]);
  });

  it("may be safetensors", async () => {
    served = await saveSafetensors(tensors());
    await using file = await safeOpen(url());
    expect((await file.getTensor("b")).shape).toEqual([100_000]);
    expect(requests.length).toBe(2);
  });

  it.each(Object.keys(answers) as (keyof typeof answers)[])(
    "is read of a server with %s",
    async (kind) => {
      served = await save(tensors());
      answer = answers[kind];
      const { a, b } = await load<Record<"a" | "b", Tensor>>(url());
      expect(a.tolistSync()).toEqual(tensors().a!.tolistSync());
      expect(b.tolistSync()).toEqual(tensors().b!.tolistSync());
      if (kind.startsWith("no ")) expect(requests.length).toBeLessThanOrEqual(6);
    },
  );

  it("may be smaller than what is asked for", async () => {
    served = await save(arange(3));
    answer = answers["no headers at all"];
    expect((await load<Tensor>(url())).tolistSync()).toEqual([0, 1, 2]);
    expect(requests).toHaveLength(1);
  });

  it("is read by several at once", async () => {
    served = await save(tensors());
    await using file = await torchOpen<Record<string, StoredTensor>>(url());
    const { a, b } = file.value as Record<"a" | "b", StoredTensor>;
    const read = await Promise.all([a, b, a, b, a].map((each) => file.read(each)));
    const expected = ["a", "b", "a", "b", "a"].map((name) => tensors()[name]!.tolistSync());
    expect(read.map((each) => each.tolistSync())).toEqual(expected);
  });

  const failures: readonly (readonly [string, Answer, string])[] = [
    [
      "is not there",
      (_, response) => void response.writeHead(404).end("x".repeat(1000)),
      "expected a file (status 206 or 200), received status 404",
    ],
    [
      "is empty",
      (_, response) => void response.writeHead(416).end("<html>no such range</html>"),
      "at byte 0: expected a file that torch.save wrote (zip, legacy or tar), received other bytes",
    ],
    [
      "changes while it is read",
      (_, response, part) => {
        const headers = { "Content-Range": rangeOf(part), ETag: `"${requests.length}"` };
        response.writeHead(206, headers).end(part.bytes);
      },
      "the file has changed since it was opened",
    ],
    [
      "grows while it is read",
      (_, response, part) => {
        const total = served.length + requests.length;
        response.writeHead(206, { "Content-Range": rangeOf(part, total) }).end(part.bytes);
      },
      "expected a file of",
    ],
    [
      "comes with other bytes than those asked for",
      (_, response, part) => {
        const shown = rangeOf({ ...part, start: part.start && part.start + 1 });
        response.writeHead(206, { "Content-Range": shown }).end(part.bytes);
      },
      "received those from",
    ],
    [
      "is refused in the middle",
      (request, response, part) => {
        if (requests.length > 1) response.writeHead(403).end();
        else answers.ranges(request, response, part);
      },
      "received status 403",
    ],
    [
      "breaks off",
      (_, response, part) => {
        response.writeHead(206, { "Content-Range": rangeOf(part), "Content-Length": 1e6 });
        response.write(part.bytes.subarray(0, 10), () => response.destroy());
      },
      "terminated",
    ],
  ];
  it.each(failures)("that %s is an error that names it", async (_, failing, message) => {
    served = await save(tensors());
    answer = failing;
    const error = (await load(url()).catch((e: unknown) => e)) as Error;
    expect(error.message).toMatch(/^load: Cannot read http:\/\/127\.0\.0\.1:\d+\/model: /);
    expect(error.message).toContain(message);
  });

  it("that cannot be reached is an error that names it, and the reason", async () => {
    await expect(load(new URL("http://127.0.0.1:1/model"))).rejects.toThrow(
      "load: Cannot read http://127.0.0.1:1/model: fetch failed (",
    );
  });

  it("may stand in memory: blob: and data:", async () => {
    const bytes = await save(arange(3));
    const blob = URL.createObjectURL(new Blob([bytes]));
    const data = `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`;
    for (const each of [blob, data])
      expect((await load<Tensor>(new URL(each))).tolistSync()).toEqual([0, 1, 2]);
    URL.revokeObjectURL(blob);
  });
});
