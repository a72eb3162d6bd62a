// The HTML report as it is laid out: on paper, and where there is little room.
//
// Comes in and goes out: as in page.test.mjs. Never: a judgement of beauty; the pictures are for people.

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { after, before, test } from "node:test";

import { end, launch, open, output, report } from "./browser.mjs";
import { huge, pause } from "./logs.mjs";

before(launch);
after(end);

const PAGES = [["sample", "testdata/sample"], ["platforms", "testdata/cases/multi-architecture/in"], ["damaged", "testdata/cases/damaged-files/in"],
  ["absent", "testdata/cases/absent-log/in"], ["huge", huge], ["pause", pause]];

/** Opens some pushes with all that folds in them, in their rows and at their own places. */
const unfold = (page) => page.evaluate(() => {
  document.querySelector("#index a")?.click();
  for (const push of [...document.querySelectorAll("details.p")].slice(0, 6)) push.open = true;
  for (const more of document.querySelectorAll("details.more")) more.open = true;
});

/** The ids, addresses, times and numbers that stand on more than one line. */
const broken = (page) => page.evaluate(() => {
  const whole = new RegExp([
    "sha256:[0-9a-f]{64}", "(?<![-\\w])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "(?<![-\\w])[0-9a-f]{12}\\b",
    "\\d{1,3}(?:\\.\\d{1,3}){3}", "(?:[0-9a-f]{1,4}:){2,7}:?[0-9a-f]{1,4}",
    "\\d{4}-\\d\\d-\\d\\d", "\\d\\d:\\d\\d:\\d\\dZ?", "\\b\\d[\\d,.]*\\d\\b",
  ].join("|"), "g");
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  let n = 0;
  while (walk.nextNode()) {
    const node = walk.currentNode;
    if (node.parentNode.closest("script, style, svg, noscript") || !node.parentNode.checkVisibility()) continue;
    for (const match of node.data.matchAll(whole)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      const tops = [...range.getClientRects()].filter((box) => box.width > 0).map((box) => box.top);
      if (!tops.length) continue;
      n += 1;
      if (Math.max(...tops) - Math.min(...tops) > 4) found.push(`${node.parentNode.tagName} ${node.parentNode.className}: ${match[0]}`);
    }
  }
  return { n, found };
});

for (const [name, logs] of PAGES) {
  test(`print of ${name} breaks no id, address or number`, async () => {
    // A4 between margins of 12 mm.
    const { page, close } = await open(report(name, logs), { viewport: { width: 703, height: 1000 } });
    await unfold(page);
    await page.emulateMedia({ media: "print" });
    const { n, found } = await broken(page);
    assert.deepEqual([...new Set(found)], []);
    assert.ok(n > 50, `${n} looked at`);
    const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(tooWide <= 0, `${tooWide} px too wide for the paper`);
    await page.pdf({ path: resolve(output, `${name}.pdf`), format: "A4", margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
    await close();
  });
}

/** The labels that lie over others, and those of a timeline that lie over a mark. */
const overlaps = (page) => page.evaluate(() => {
  const box = (of) => {
    const { left, right, top, bottom } = of.getBoundingClientRect();
    return { left, right, top, bottom, is: of.textContent.trim().slice(0, 60) || of.getAttribute("class") };
  };
  const shown = (all) => [...all].filter((of) => of.checkVisibility()).map(box).filter((of) => of.right > of.left);
  const found = [];
  let n = 0;
  const compare = (some, others, room) => some.forEach((one, at) => others.forEach((other, place) => {
    if (some === others && place <= at) return;
    n += 1;
    if (Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
      && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > room) found.push(`${one.is} | ${other.is}`);
  }));
  for (const drawing of document.querySelectorAll("svg.strip, svg.g")) {
    const labels = shown(drawing.querySelectorAll("text"));
    // The box of a text has room above and below its letters.
    compare(labels, labels, 2);
    compare(labels, shown(drawing.querySelectorAll(".b, .up use, .put use, .no use, .login use, .ask use")), 1);
  }
  for (const group of [".legend > li", ".tiles > li", ".tools label, .tools button", "#index > tbody > tr:not(.in) > td", ".facts > div", ".acts > .copy"]) {
    const of = shown(document.querySelectorAll(group));
    compare(of, of, 1);
  }
  return { n, found };
});

for (const [name, logs] of PAGES) {
  for (const width of [390, 1280]) {
    test(`labels of ${name} do not overlap at ${width} pixels`, async () => {
      const { page, close } = await open(report(name, logs), { viewport: { width, height: 3000 } });
      await unfold(page);
      const { n, found } = await overlaps(page);
      assert.deepEqual([...new Set(found)], []);
      assert.ok(n > 100, `${n} pairs`);
      await close();
    });
  }
}
