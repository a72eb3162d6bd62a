// How fast the page of ten thousand pushes is: its size, the first paint, filters, memory.
//
// Comes in: RECONSTRUCT, the program, best a release build; CHROMIUM, the browser. Goes out: docs/page.md on standard
// output. Never: a verdict; other work on the machine would decide it. Run by tests/browser/run --measure.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

import { many } from "./logs.mjs";

const load = loadavg()[0].toFixed(1);
const [PUSHES, RUNS] = [Number(process.env.PUSHES ?? 10_000), Number(process.env.RUNS ?? 5)];
const output = resolve(import.meta.dirname, process.env.PROJECT ?? "../..", "target/browser");
const [logs, file] = [resolve(output, "logs", `many-${PUSHES}`), process.env.PAGE ?? resolve(output, `many-${PUSHES}.html`)];

if (!process.env.PAGE) {
  if (!existsSync(logs)) many(logs, PUSHES);
  rmSync(file, { force: true });
  execFileSync(process.env.RECONSTRUCT,
    ["--format", "html", "--fail-on", "never", "--quiet", "--output", file, logs], { stdio: "inherit" });
}

/** From a change of the view to the frame that shows it, in milliseconds. */
const timed = (page, change) => page.evaluate(async (change) => {
  await new Promise((done) => setTimeout(done, 300));
  const begin = performance.now();
  const [id, value] = change;
  const field = document.getElementById(id);
  if (id === "clear") field.click();
  else {
    field.value = value;
    field.dispatchEvent(new Event(id === "words" ? "input" : "change"));
    // The filter waits a moment for the next key.
    if (id === "words") await new Promise((done) => setTimeout(done, 15));
  }
  await new Promise((done) => requestAnimationFrame(() => { const { port1, port2 } = new MessageChannel(); port1.onmessage = done; port2.postMessage(0); }));
  return performance.now() - begin;
}, change);

const settled = (page) => page.waitForFunction(() => !document.getElementById("shown").textContent.includes("searching"), undefined, { timeout: 60_000 });

/** The memory of the process that draws the page, in MB. */
async function memory(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const kib = processInfo.filter((process) => process.type === "renderer").map(({ id }) =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0));
  return Math.max(...kib) * 1024 / 1e6;
}

const figures = new Map();
const note = (name, value) => figures.set(name, [...(figures.get(name) ?? []), value]);
for (let run = 0; run < RUNS; run++) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`file://${file}`);
  const paint = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  note("first paint, ms", await page.waitForFunction(paint).then((value) => value.jsonValue()));
  note("all read and ready, ms", await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd));
  await page.waitForTimeout(1_000);
  note("memory of the page, MB", await memory(browser));
  const first = await page.locator("#index a").nth(PUSHES / 2).textContent();
  for (const [name, set] of [
    ["a status, few", ["status", "incomplete"]], ["a status, most", ["status", "complete"]],
    ["a word in a row", ["words", first]], ["a word in all rows", ["words", "team"]],
    ["a word that only calls have", ["words", "getauthorizationtoken"]], ["a word that is nowhere", ["words", "no-such-word"]],
  ]) {
    note(`filter by ${name}, ms`, await timed(page, set));
    const begin = performance.now();
    await settled(page);
    if (name === "a word that is nowhere") note("all calls of all pushes looked through, ms", performance.now() - begin);
    note(`clear it: ${name}, ms`, await timed(page, ["clear"]));
    await settled(page);
  }
  await browser.close();
}
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(`# The page of ten thousand pushes

Made by \`RECONSTRUCT=target/release/reconstruct tests/browser/run --measure > docs/page.md\`; do not edit by hand.

How long the HTML report of a large log takes in Chromium, in a window of 1280 by 900 pixels. A filter is timed from the
event that sets it to the frame that shows the rows that remain; the field of words waits 15 ms for the next key, which is
counted. What only the calls of a push have is then looked for bit by bit, so that the page stays usable; the line below
says how long that takes for all of them.
`);
console.log(`${PUSHES.toLocaleString("en")} pushes, one file of ${(statSync(file).size / 1e6).toFixed(1)} MB; median and worst of ${RUNS} runs, ${cpus().length} processors, load of the machine before the first ${load}.\n`);
console.log("| what | median | worst |\n|---|---|---|");
for (const [name, values] of figures) console.log(`| ${name} | ${median(values).toFixed(0)} | ${Math.max(...values).toFixed(0)} |`);
