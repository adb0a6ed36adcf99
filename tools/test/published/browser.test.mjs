// The page that trains the digits network, built and served, in Chromium: on WebGPU (in software) and without it. Its
// screenshots are compared by what they show: a falling line, bars as long as their numbers, digits, ink.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { decodePng } from "@tead/transforms/node";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { build } from "../../build.mjs";
import { root } from "../../workspace.mjs";

const site = join(root, "examples/digits-browser/dist");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const plain = ["--no-sandbox", "--disable-quic"];
const withWebGpu = [...plain, "--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

// Without the browser the tests are skipped and say so; with CI set they run, and fail.
const describePage =
  existsSync(executablePath) || process.env.CI === "true"
    ? describe
    : (title, ...rest) => describe.skip(`${title} (skipped: no ${executablePath})`, ...rest);

/** Serves the built page from a folder below the root, as a host of static files may. */
const server = createServer(async ({ url }, response) => {
  const path = normalize(new URL(url, "http://localhost").pathname.replace(/^\/digits\//, ""));
  const file = join(site, path === "." || path === sep ? "index.html" : path);
  const content = file.startsWith(site) && (await readFile(file).catch(() => undefined));
  response.writeHead(content ? 200 : 404, { "Content-Type": types[extname(file)] ?? "text/plain" });
  response.end(content || undefined);
});

beforeAll(async () => {
  build(["@tead/example-digits-browser"]);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Opens the page in a browser of its own; `problems` is what its console and network complain of. */
async function open(args) {
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.setDefaultTimeout(120_000);
  const problems = [];
  page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("requestfailed", (request) => problems.push(`failed: ${request.url()}`));
  page.on("response", (answer) => {
    if (!answer.ok()) problems.push(`${answer.status()}: ${answer.url()}`);
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/digits/`);
  await inPhase(page, "ready");
  return { browser, page, problems };
}

const inPhase = (page, ...phases) =>
  page.waitForFunction(
    (wanted) => wanted.includes(document.body.dataset.phase),
    [...phases, "failed"],
  );

async function set(page, settings) {
  for (const [label, value] of Object.entries(settings)) {
    await page.getByLabel(label, { exact: true }).fill(String(value));
  }
}

/** The number in a text such as "step 12 · loss 2.301". */
const numberAfter = (text, word) =>
  Number(new RegExp(`${word} ([\\d.,]+)`).exec(text)?.[1].replaceAll(",", ""));

async function progress(page) {
  const text = await page.textContent("#progress");
  return { step: numberAfter(text, "step"), loss: numberAfter(text, "loss") };
}

/** Draws a 7 with the pointer. */
async function drawSeven(page) {
  const { x, y, width } = await page.locator("#pad").boundingBox();
  const to = (column, row) => [x + width * column, y + width * row];
  await page.mouse.move(...to(0.3, 0.22));
  await page.mouse.down();
  await page.mouse.move(...to(0.7, 0.22), { steps: 6 });
  await page.mouse.move(...to(0.42, 0.8), { steps: 8 });
  await page.mouse.up();
  await page.locator("#bars .most").waitFor();
  await page.waitForTimeout(500); // the bars glide
}

/** What the whole page looks like, with a look at the pixels of one element. */
async function screenshot(page) {
  const { data, width, channels } = decodePng(await page.screenshot({ fullPage: true }));
  const scheme = await page.evaluate(() => {
    const style = getComputedStyle(document.documentElement);
    const names = ["line", "bar-most", "good", "bad"];
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`)]));
  });
  const rgb = (name) => [1, 3, 5].map((i) => Number.parseInt(scheme[name].slice(i, i + 2), 16));
  return {
    /** Whether each pixel of the element has about this color: rows of columns. */
    async mask(selector, color) {
      const wanted = Array.isArray(color) ? color : rgb(color);
      const locator = page.locator(selector).first();
      const box = await locator.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return [left + scrollX, top + scrollY, width, height].map(Math.round);
      });
      const [left, top, columns, rows] = box;
      return Array.from({ length: rows }, (_, y) =>
        Array.from({ length: columns }, (_, x) => {
          const at = ((top + y) * width + left + x) * channels;
          return wanted.every((value, c) => Math.abs(data[at + c] - value) <= 24);
        }),
      );
    },
  };
}

/** For each column that has such a pixel: the mean row. */
function lineOf(mask) {
  return mask[0].flatMap((_, x) => {
    const rows = mask.flatMap((row, y) => (row[x] ? [y] : []));
    return rows.length === 0 ? [] : [rows.reduce((a, b) => a + b) / rows.length];
  });
}

const share = (mask) => mask.flat().filter(Boolean).length / mask.flat().length;

/** The bar of the likeliest digit is as long as its number says, and stands out. */
async function expectBars(page, shot) {
  const percent = Number.parseInt(await page.textContent("#bars .most .value"), 10);
  const mask = await shot.mask("#bars .most .track", "bar-most");
  expect(Math.abs(lineOf(mask).length / mask[0].length - percent / 100)).toBeLessThan(0.05);
  const digit = await page.textContent("#bars .most .digit");
  expect(await page.textContent("#verdict")).toContain(`sees a ${digit} (${percent}%)`);
}

/** Thirty digits with what they are taken for: right ones in one color, wrong ones in another. */
async function expectTiles(page, shot) {
  const guesses = await page.locator(".tile .guess").allTextContents();
  expect(guesses).toHaveLength(30);
  for (const guess of guesses) expect(guess).toMatch(/^\d( ✗)?$/);
  const right = guesses.filter((guess) => !guess.includes("✗")).length;
  expect(await page.textContent("#right-count")).toBe(`${right} of 30 right`);
  const ground = await shot.mask("#predictions", [20, 20, 20]);
  expect(share(ground)).toBeGreaterThan(0.05);
  for (const [color, count] of [
    ["good", right],
    ["bad", 30 - right],
  ]) {
    expect(share(await shot.mask("#predictions", color)) > 0).toBe(count > 0);
  }
}

describePage("the page without WebGPU", () => {
  let opened;
  beforeAll(async () => {
    opened = await open(plain);
  });
  afterAll(() => opened?.browser.close());

  test("it says that it trains on the CPU, and why", async () => {
    const { page } = opened;
    expect(await page.textContent("#device-name")).toBe("CPU · WebAssembly");
    expect(await page.locator("#note").isVisible()).toBe(true);
    expect(await page.textContent("#note")).toMatch(/WebGPU.*trains on the CPU with WebAssembly/);
    const gpu = page.locator("#device-choice option[value=webgpu]");
    expect(await gpu.isDisabled()).toBe(true);
  });

  test("it stops when told to, and goes on where it was", async () => {
    const { page } = opened;
    await set(page, { "Training images": 4800, "Batch size": 32, Epochs: 2 });
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByText(/^step \d/).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await inPhase(page, "paused");
    const { step } = await progress(page);
    await page.waitForTimeout(300);
    expect(await progress(page)).toMatchObject({ step });
    await page.getByRole("button", { name: "Go on" }).click();
    await inPhase(page, "finished");
    expect(await progress(page)).toMatchObject({ step: 300 });
    expect(step).toBeLessThan(300);
  });

  test("it learned: the line falls, test digits are right, a drawn 7 is a 7", async () => {
    const { page } = opened;
    await drawSeven(page);
    const shot = await screenshot(page);
    const line = lineOf(await shot.mask("#loss", "line"));
    const { width, height } = await page.locator("#loss").boundingBox();
    expect(line.length).toBeGreaterThan(0.85 * width);
    const mean = (rows) => rows.reduce((a, b) => a + b) / rows.length;
    const fall = mean(line.slice(-50)) - mean(line.slice(0, 50));
    expect(fall).toBeGreaterThan(0.4 * height);
    await expectTiles(page, shot);
    await expectBars(page, shot);
    expect(await page.textContent("#bars .most .digit")).toBe("7");
    const ink = share(await shot.mask("#pad", [255, 255, 255]));
    expect(ink).toBeGreaterThan(0.03);
    expect(ink).toBeLessThan(0.25);
    expect(await page.locator("#accuracy li").count()).toBe(2);
    const accuracy = await page.locator("#accuracy .value").last().textContent();
    expect(Number.parseFloat(accuracy)).toBeGreaterThan(80);
  });

  test("a test digit goes onto the pad, and Clear takes it off", async () => {
    const { page } = opened;
    await page.locator(".tile[data-result=right]").first().click();
    const digit = await page.locator(".tile[data-result=right] .guess").first().textContent();
    await page.getByText(`The network sees a ${digit} `).waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    expect(await page.locator("#bars .most").count()).toBe(0);
    const shot = await screenshot(page);
    expect(share(await shot.mask("#pad", [0, 0, 0]))).toBeGreaterThan(0.97);
  });

  test("nothing is wrong in the console", () => {
    expect(opened.problems).toEqual([]);
  });
});

describePage("the page with WebGPU", () => {
  let opened;
  beforeAll(async () => {
    opened = await open(withWebGpu);
  });
  afterAll(() => opened?.browser.close());

  const few = { "Training images": 60, "Batch size": 10, Epochs: 1 };
  let onGpu;

  test("it trains on the GPU: chart, predictions and bars are there", async () => {
    const { page } = opened;
    expect(await page.textContent("#device-name")).toBe("GPU · WebGPU");
    expect(await page.locator("#note").isVisible()).toBe(false);
    await set(page, few);
    await page.getByRole("button", { name: "Train" }).click();
    await inPhase(page, "finished");
    expect(await page.locator("#failure").isVisible()).toBe(false);
    await drawSeven(page);
    onGpu = await progress(page);
    expect(onGpu.step).toBe(6);
    const shot = await screenshot(page);
    const { width } = await page.locator("#loss").boundingBox();
    expect(lineOf(await shot.mask("#loss", "line")).length).toBeGreaterThan(0.2 * width);
    await expectTiles(page, shot);
    await expectBars(page, shot);
  });

  test("on the CPU by choice it has the same losses and predictions, and no note", async () => {
    const { page } = opened;
    const guesses = () => page.locator(".tile .guess").allTextContents();
    const before = await guesses();
    await page.getByLabel("Device").selectOption("cpu");
    await inPhase(page, "ready");
    expect(await page.textContent("#device-name")).toBe("CPU · WebAssembly");
    expect(await page.locator("#note").isVisible()).toBe(false);
    await set(page, few);
    await page.getByRole("button", { name: "Train" }).click();
    await inPhase(page, "finished");
    expect((await progress(page)).loss).toBeCloseTo(onGpu.loss, 2);
    expect(await guesses()).toEqual(before);
  });

  test("nothing is wrong in the console", () => {
    expect(opened.problems).toEqual([]);
  });
});
