// What the browser tests share: the pages of logs, and a browser that takes every message and request for a fault.
//
// Comes in: RECONSTRUCT, the program; CHROMIUM, the browser. Goes out: pages in target/browser. Never: the network.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { chromium } from "playwright-core";

export const project = resolve(import.meta.dirname, process.env.PROJECT ?? "../..");
export const output = resolve(project, "target/browser");
export const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const wide = { width: 1600, height: 1000 };

/** The browser, once it is launched. */
export let browser;

/** Writes the page of some logs, which stand in the project or are made by a function. */
export function report(name, logs, ...options) {
  const folder = typeof logs === "string" ? resolve(project, logs) : resolve(output, "logs", name);
  if (typeof logs === "function") logs(folder);
  const file = resolve(output, `${name}.html`);
  const args = ["--format", "html", "--fail-on", "never", "--quiet", "--force", "--output", file, ...options, folder];
  execFileSync(process.env.RECONSTRUCT, args);
  return file;
}

/** Opens a page; whatever it says or asks for is an error. */
export async function open(file, options = {}) {
  const context = await browser.newContext({ viewport: wide, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on("console", (message) => faults.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== `file://${file}`) faults.push(`request: ${request.url().slice(0, 200)}`); });
  page.on("popup", () => faults.push("popup"));
  await page.goto(`file://${file}`);
  return { page, async close() { await context.close(); assert.deepEqual(faults.filter((f) => !f.includes(`file://${file}#`)), []); } };
}

/** Launches the browser. */
export async function launch() {
  mkdirSync(output, { recursive: true });
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
}

/** Closes it. */
export const end = () => browser?.close();
