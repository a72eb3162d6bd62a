// The ten questions of a responder, docs/recipes.md, answered in the page: by the mouse alone, and by the keyboard alone.
//
// Comes in and goes out: as in page.test.mjs. A step is a click at a place of the screen, or a key. Never: a look at what
// is not visible; a name that no person could see there.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";

import { end, launch, open, project, report } from "./browser.mjs";

before(launch);
after(end);

const LOGS = {
  sample: ["sample", "testdata/sample"],
  absent: ["absent", "testdata/cases/absent-log/in"],
  history: ["history", "testdata/sample", "--repository", "tools/backup", "--history"],
};

/** What a person does with a mouse: clicks at what can be seen, after scrolling to it, and selects nothing by a key. */
const mouse = (page) => ({
  async click(target) {
    await target.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await target.boundingBox();
    await page.mouse.click(x + Math.min(width / 2, 60), y + height / 2);
  },
});

/** What a person does with a keyboard. */
const keys = (page) => ({
  press: (...all) => all.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()),
  /** Steps on by Tab until the focus is on what has this text. */
  async tabTo(text) {
    for (let n = 0; n < 400; n += 1) {
      const now = await page.evaluate(() => {
        const of = document.activeElement;
        return `${of.getAttribute("aria-label") ?? ""} ${of.textContent} ${of.id}`.slice(0, 300);
      });
      if (text.test(now)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`no Tab leads to ${text}`);
  },
  async filter(words) {
    await page.keyboard.press("/");
    await page.keyboard.press("Control+a");
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
  },
});

const row = (page, text) => page.locator("#index > tbody > tr:not(.in):visible").filter({ hasText: text });
const card = (page) => page.locator("#index tr.in details.p[open]");
const rows = (page, n) => page.waitForFunction((n) => [...document.querySelectorAll("#index > tbody > tr:not(.in)")].filter((row) => row.checkVisibility()).length === n, n);
const link = (page, name) => page.getByRole("link", { name });
const head = (page, name) => page.locator("#index > thead").getByRole("button", { name });
const openRow = async (page, hand, text) => { await hand.click(row(page, text).getByRole("link").first()); await card(page).waitFor(); };
/** The first row that the filter finds has the focus. */
const openFirst = async (page, hand) => {
  await page.waitForFunction(() => document.activeElement.closest("#index tr"));
  await hand.press("Enter");
  await card(page).waitFor();
};

/** Each question: its logs, how it is asked by mouse and by keyboard, and the texts that answer it. */
const QUESTIONS = [
  ["1. Who pushed this tag?", LOGS.sample,
    async (page, hand) => { await hand.click(head(page, "Push")); await openRow(page, hand, "3828c498cf84"); },
    async (page, hand) => {
      await hand.filter("shop/api:3.2.0");
      await page.waitForFunction(() => document.activeElement.closest("#index tr"));
      // Down to the one that was accepted.
      while (!/^complete/.test(await page.evaluate(() => document.activeElement.closest("tr").textContent))) await hand.press("j");
      await hand.press("Enter");
    },
    ["role github-shop, session GitHubActions (123456789012)", "198.51.103.174"]],
  ["2. What failed today, and why?", LOGS.sample,
    async (page, hand) => { await hand.click(link(page, /^3 .*failed/)); await rows(page, 3); },
    async (page, hand) => { await hand.tabTo(/^\s*3 failed/); await hand.press("Enter"); await rows(page, 3); },
    ["ImageTagAlreadyExistsException on ecr:PutImage", "AccessDeniedException on ecr:BatchCheckLayerAvailability",
      "LayerPartTooSmallException on ecr:CompleteLayerUpload"]],
  ["3. What is unresolved?", LOGS.sample,
    async (page, hand) => { await hand.click(link(page, "4 unresolved")); await rows(page, 4); },
    async (page, hand) => { await hand.tabTo(/^ 4 unresolved/); await hand.press("Enter"); await rows(page, 4); },
    ["4 of 25 shown", "0da9badcb941", "792d3ed34927", "6e14b2b4aea4", "1cbffbc31792"]],
  ["4. What did this address do?", LOGS.sample,
    async (page, hand) => {
      await hand.click(head(page, "From"));
      await openRow(page, hand, "bfbc04f5fa0d");
      await hand.click(card(page).getByRole("button", { name: "2 pushes from 198.51.100.96" }));
      await rows(page, 2);
    },
    async (page, hand) => { await hand.filter("\"198.51.100.96\""); await rows(page, 2); },
    ["353cc687e8c2", "bfbc04f5fa0d", "shop/worker:0.9.1", "shop/web:1.8.2"]],
  ["5. What happened to this repository?", LOGS.history,
    async (page, hand) => { await hand.click(page.getByRole("heading", { name: /^History of .*tools\/backup/ })); },
    async (page, hand) => { await hand.press("Home"); },
    ["user maria began a push and did not finish it", "refused at CompleteLayerUpload with LayerPartTooSmallException",
      "user maria pushed 5488d6f02965 as `dev`"]],
  ["6. What is new since yesterday?", LOGS.sample,
    async (page, hand) => {
      // A stretch of the strip, from 15:00 on.
      const strip = page.locator("svg.strip");
      await strip.scrollIntoViewIfNeeded();
      const { x, y, width } = await strip.boundingBox();
      const at = x + width * (10 * 3600) / (13 * 3600 + 29 * 60 + 58);
      await page.mouse.move(at, y + 40);
      await page.mouse.down();
      await page.mouse.move(x + width - 1, y + 40, { steps: 4 });
      await page.mouse.up();
    },
    async (page, hand) => {
      await hand.tabTo(/ since$/);
      await page.keyboard.type("03102025");
      await hand.press("Tab");
      await page.keyboard.type("030000PM");
      await hand.press("Tab");
    },
    ["7 of 25 shown", /Not in the pushes of this page that began before: addresses 198\.51\.100\.238, /, "bfbc04f5fa0d"]],
  ["7. Which logs are missing?", LOGS.absent,
    async (page, hand) => { await hand.click(page.getByText("--list-missing names them", { exact: true }).first()); },
    async (page, hand) => { await hand.tabTo(/Accounts, regions and holes/); },
    ["11 log files of 123456789012 eu-central-1 between 2026-03-17T16:00:00Z and 2026-03-17T18:00:00Z"]],
  ["8. Why is this event in that push?", LOGS.sample,
    async (page, hand) => {
      await openRow(page, hand, "0da9badcb941");
      await hand.click(card(page).getByText("Calls in causal order"));
      await hand.click(card(page).getByText("340860ad-b482-4f72-a67b-03218c3d9ba0"));
    },
    async (page, hand) => {
      await hand.filter("340860ad");
      await rows(page, 1);
      await openFirst(page, hand);
      await hand.tabTo(/Calls in causal order/);
      await hand.press("Enter");
    },
    ["340860ad-b482-4f72-a67b-03218c3d9ba0", "availability (inference), with 21"]],
  ["9. One row a push, for a spreadsheet", LOGS.sample,
    async (page, hand) => { await hand.click(page.getByRole("button", { name: "Copy rows" })); },
    async (page, hand) => { await hand.tabTo(/Copy rows/); await hand.press("Enter"); },
    ["copied 25 rows"]],
  ["10. Is this push one that usually happens?", LOGS.sample,
    async (page, hand) => { await openRow(page, hand, "bfbc04f5fa0d"); },
    async (page, hand) => { await hand.filter("bfbc04f5fa0d"); await rows(page, 1); await openFirst(page, hand); },
    ["7 pushes to shop/web", "13 pushes by role github-shop, session GitHubActions", "2 pushes from 198.51.100.96"]],
];

test("the questions are those of the recipes", () => {
  const asked = readFileSync(resolve(project, "docs/recipes.md"), "utf8").match(/^### \d+\. .*$/gm).slice(0, 10);
  assert.deepEqual(QUESTIONS.map(([question]) => `### ${question}`), asked);
});

for (const [question, logs, byMouse, byKeys, answers] of QUESTIONS) {
  for (const [means, ask, hand] of [["mouse", byMouse, mouse], ["keyboard", byKeys, keys]]) {
    test(`${question} By ${means}.`, async () => {
      const { page, close } = await open(report(...logs), { permissions: ["clipboard-read", "clipboard-write"], locale: "en-US" });
      await page.waitForFunction(() => !document.getElementById("tools").hidden);
      await ask(page, hand(page));
      for (const answer of answers) await page.getByText(answer).filter({ visible: true }).first().waitFor({ timeout: 5_000 });
      if (question.startsWith("9.")) {
        const copied = (await page.evaluate(() => navigator.clipboard.readText())).split("\n");
        assert.equal(copied.length, 26);
        assert.ok(copied.every((line) => line.split("\t").length === 10), copied[1]);
        assert.match(copied[1], /^failed\tshop\/api:3\.2\.0 0da9badcb941\tImageTagAlreadyExistsException on ecr:PutImage\t/);
      }
      await close();
    });
  }
}
