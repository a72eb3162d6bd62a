// The HTML report in a real browser: what it shows, what it does, and what it never does.
//
// Comes in: RECONSTRUCT, the program; CHROMIUM, the browser. Goes out: a verdict a test, and pictures in
// target/browser for people to look at. Run by tests/browser/run; never reaches for the network.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { resolve } from "node:path";

import { axe, browser, end, launch, open, output, project, report, wide } from "./browser.mjs";
import { HOSTILE, hostile, huge, many, pause } from "./logs.mjs";

before(launch);
after(end);

const sample = () => report("sample", "testdata/sample");

test("elements are found by their roles", async () => {
  const { page, close } = await open(sample());
  await page.getByRole("heading", { level: 1, name: "25 pushes" }).waitFor();
  for (const role of ["banner", "main", "contentinfo", "search"]) assert.equal(await page.getByRole(role).count(), 1, role);
  await page.getByRole("img", { name: "What the logs cover" }).waitFor();
  const table = page.getByRole("region", { name: "Pushes", exact: true }).getByRole("table");
  assert.equal(await table.getByRole("row").count(), 26);
  assert.equal(await table.getByRole("columnheader").count(), 10);
  await page.getByRole("link", { name: /^3 .*failed/ }).waitFor();
  await close();
});

test("browser's own tree of roles has the table of pushes, laid out as it is", async () => {
  const { page, close } = await open(sample());
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const count = (role) => nodes.filter((node) => !node.ignored && node.role?.value === role).length;
  assert.ok(count("row") >= 26, `${count("row")} rows`);
  assert.ok(count("columnheader") >= 10, `${count("columnheader")} headers`);
  // A cell that says nothing is none to it.
  assert.ok(count("cell") + count("gridcell") >= 25 * 8, `${count("cell")} cells`);
  await close();
});

test("filter looks into what is folded, and can be taken back", async () => {
  const { page, close } = await open(sample());
  const rows = page.locator("#index tbody tr:visible");
  await page.getByRole("searchbox", { name: "Filter" }).fill("gateway 198.51.100.123");
  await page.getByText("1 of 25 shown").waitFor();
  assert.equal(await rows.count(), 1);
  assert.equal(await page.locator("details.p:visible").count(), 1);
  await page.getByRole("searchbox").fill("0fdb4a40-3bab-4ed1-827a-c5d0901a41c4");
  // It says "1 of 25 shown" already, and filters a moment after the last key.
  await rows.filter({ hasText: "shop/worker" }).waitFor();
  await page.getByText("1 of 25 shown").waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByRole("searchbox").fill("no such word");
  await page.getByText("No push matches the filter.").waitFor();
  await page.getByRole("searchbox").fill("");
  await page.getByRole("combobox", { name: "Status" }).selectOption("failed");
  await page.getByText("3 of 25 shown").waitFor();
  assert.equal(await page.locator("section.of:visible").count(), 1);
  await close();
});

test("columns sort, by number where they are numbers", async () => {
  const { page, close } = await open(sample());
  const column = (n) => page.locator(`#index tbody tr td:nth-child(${n})`);
  await page.getByRole("button", { name: "Sent" }).click();
  const numbers = (await column(6).evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.n))));
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
  assert.equal(await page.getByRole("columnheader", { name: "Sent" }).getAttribute("aria-sort"), "ascending");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("button", { name: "Begin" }).click();
  const times = await column(4).allTextContents();
  assert.deepEqual(times, [...times].sort().reverse());
  await close();
});

/** Opens the sample at a state, and gives what the address then says. */
const state = (page) => page.evaluate(() => location.hash);
const visible = (page) => page.locator("#index tbody tr:not(.in):visible");

test("the table says why, and which run made a push good", async () => {
  const { page, close } = await open(sample());
  const row = visible(page).filter({ hasText: "6ee8455a3fa1" }).first();
  assert.match(await row.textContent(), /all uploads complete, no PutImage → made good by 353cc687e8c2/);
  await row.getByRole("link", { name: "353cc687e8c2" }).click();
  await page.locator("tr.in details.p[open]").getByText("shop/worker:0.9.1").first().waitFor();
  assert.match(await state(page), /p=353cc687e8c2/);
  await close();
});

test("tiles, the strip and the fields of time are filters, and back takes them back", async () => {
  const { page, close } = await open(sample());
  await page.getByRole("link", { name: /^3 .*failed/ }).click();
  await page.getByText("3 of 25 shown").waitFor();
  assert.equal(await state(page), "#~s=failed");
  assert.equal(await page.locator(".tiles a[aria-current=true]").count(), 1);
  await page.getByRole("combobox", { name: "Attention" }).selectOption("made-good");
  await page.getByText("0 of 25 shown").waitFor();
  await page.goBack();
  await page.getByText("3 of 25 shown").waitFor();
  await page.goBack();
  await page.waitForFunction(() => document.getElementById("shown").textContent === "");
  assert.equal(await visible(page).count(), 25);
  const strip = await page.locator("svg.strip").boundingBox();
  const drag = async (from, to) => {
    await page.mouse.move(strip.x + strip.width * from, strip.y + 40);
    await page.mouse.down();
    await page.mouse.move(strip.x + strip.width * to, strip.y + 40, { steps: 4 });
    await page.mouse.up();
  };
  await drag(0.5, 1);
  await page.getByText(/ of 25 shown/).waitFor();
  const half = await visible(page).count();
  const times = await visible(page).evaluateAll((rows) => rows.map((row) => Number(row.dataset.t)));
  const middle = Date.UTC(2025, 2, 10, 11, 44, 59) / 1000;
  assert.ok(half > 5 && half < 25 && times.every((time) => time >= middle - 60), `${half}`);
  assert.match(await page.getByRole("textbox", { name: "From" }).inputValue(), /^2025-03-10T11:4/);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("textbox", { name: "until" }).fill("2025-03-10T07:00:00");
  await page.getByRole("textbox", { name: "until" }).blur();
  await page.getByText("1 of 25 shown").waitFor();
  await close();
});

/** The sample's pushes as data. */
const pushes = () => JSON.parse(execFileSync(process.env.RECONSTRUCT,
  ["--format", "json", "--fail-on", "never", "--quiet", resolve(project, "testdata/sample")], { maxBuffer: 1 << 28 })).sessions;

test("from a time on, the page names the callers, addresses and repositories that no earlier push has", async () => {
  const { page, close } = await open(sample());
  const all = pushes().map((push) => ({ first: push.first, address: push.client?.source_ip, repository: push.repository }));
  for (const hour of ["15", "12", "08"]) {
    const from = `2025-03-10T${hour}:00:00`;
    const [earlier, later] = [all.filter((push) => push.first < from), all.filter((push) => push.first >= from)];
    const fresh = (of) => new Set(later.map((push) => push[of]).filter((name) => name && !earlier.some((push) => push[of] === name)));
    await page.getByRole("textbox", { name: "From" }).fill(from);
    await page.getByRole("textbox", { name: "From" }).blur();
    await page.getByText(`${later.length} of 25 shown`).waitFor();
    assert.ok(later.length > 0 && earlier.length > 0);
    const told = await page.getByText(/^Not in the pushes of this page that began before: /).textContent();
    for (const [of, word] of [["address", "addresses"], ["repository", "repositories"]]) {
      const names = new RegExp(`${word} (.*?)(?: and (\\d+) more)?(?:;|\\.$)`).exec(told);
      const listed = names ? names[1].split(", ") : [];
      assert.equal(listed.length + Number(names?.[2] ?? 0), fresh(of).size, `${of} at ${hour}: ${told}`);
      for (const name of listed) assert.ok(fresh(of).has(name), name);
    }
  }
  await page.getByRole("button", { name: "Clear" }).click();
  assert.ok(await page.locator("#fresh").isHidden());
  await close();
});

test("words between quotation marks are a whole repository, caller or address", async () => {
  const { page, close } = await open(sample());
  for (const [words, n] of [["\"shop/web\"", 7], ["\"shop/we\"", 0], ["\"198.51.100.96\" shop/web", 1], ["\"user maria\" failed", 0]]) {
    await page.getByRole("searchbox").fill(words);
    await page.waitForFunction((n) => document.getElementById("shown").textContent.startsWith(`${n} of`) && !document.getElementById("shown").textContent.includes("searching"), n);
    assert.equal(await visible(page).count(), n, words);
  }
  await close();
});

test("a cause leads to its pushes, and a table in an opened push is laid out as its own", async () => {
  const { page, close } = await open(sample());
  await page.getByRole("link", { name: /^an upload was never completed, user maria/ }).click();
  await page.getByText("1 of 25 shown").waitFor();
  assert.match(await visible(page).first().textContent(), /792d3ed34927/);
  assert.match(await state(page), /g=1-2/);
  await page.goBack();
  await visible(page).first().getByRole("link").first().click();
  const [whole, inRow] = await Promise.all(["#index", "tr.in details.p"].map((of) => page.locator(of).evaluate((found) => found.offsetWidth)));
  assert.ok(whole - inRow < 40, `${inRow} of ${whole} px`);
  const [first, second] = await page.locator("tr.in table").first().locator("tbody tr").evaluateAll((rows) => rows.slice(0, 2).map((row) => row.getBoundingClientRect()));
  const cells = await page.locator("tr.in table").first().locator("tr").evaluateAll((rows) => rows.slice(0, 3).map((row) => [...row.cells].map((cell) => Math.round(cell.getBoundingClientRect().left))));
  assert.deepEqual(cells[1], cells[0], "cells stand under their heads");
  assert.deepEqual(cells[2], cells[0]);
  assert.ok(second.top >= first.bottom - 1);
  await close();
});

test("the page says what input it was made of", async () => {
  const { page, close } = await open(sample());
  const made = page.getByRole("region", { name: "What input it was made of" });
  for (const text of ["236 log files, 118 of them without a push event", "2025-03-10T05:00:00Z to 2025-03-10T18:29:58Z",
    "615 seen, 515 of them push events", "123456789012 eu-central-1, 123456789012 us-east-1", "236 .json.gz", /^15 min: /]) {
    await made.getByText(text).waitFor();
  }
  await close();
});

test("the view lives in the address: a reload and a copied link give it again", async () => {
  const { page, close } = await open(sample());
  await page.getByRole("searchbox").fill("shop/web");
  await page.getByRole("button", { name: "Sent" }).click();
  await page.getByRole("button", { name: "Sent" }).click();
  await page.getByRole("combobox", { name: "Times" }).selectOption("local");
  await visible(page).first().getByRole("link").first().click();
  const [address, before] = [await page.url(), await visible(page).allTextContents()];
  await page.reload();
  await page.locator("tr.in details.p[open]").waitFor();
  assert.equal(page.url(), address);
  assert.deepEqual(await visible(page).allTextContents(), before);
  await page.goBack();
  await page.waitForFunction(() => !document.querySelector("tr.in"));
  await close();
});

test("a row opens in place, and closes by its link, its summary and Escape", async () => {
  const { page, close } = await open(sample());
  const link = page.getByRole("link", { name: "shop/api:3.2.0" }).first();
  const inRow = page.locator("#index tr.in details.p[open]");
  await link.click();
  const [row, push] = [await link.boundingBox(), await inRow.boundingBox()];
  assert.ok(push.y - row.y < 120, `${push.y - row.y} px apart`);
  assert.equal(await link.getAttribute("aria-expanded"), "true");
  await link.click();
  assert.equal(await inRow.count(), 0);
  await link.click();
  await page.keyboard.press("Escape");
  assert.equal(await inRow.count(), 0);
  assert.ok(await link.evaluate((a) => a === document.activeElement), "the focus is where it was");
  assert.equal(await page.locator("section.of details.p").count(), 25, "all are back in their places");
  await close();
});

test("keys reach the filter, the rows and a push", async () => {
  const { page, close } = await open(sample());
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "words");
  await page.keyboard.type("backup");
  await page.getByText("3 of 25 shown").waitFor();
  await page.keyboard.press("Tab");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^tools\/backup/);
  await page.keyboard.press("Enter");
  await page.locator("tr.in details.p[open] figure").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.locator("tr.in").count(), 0);
  await close();
});

test("ids and commands are copied by a click", async () => {
  const { page, close } = await open(sample(), { permissions: ["clipboard-read", "clipboard-write"] });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole("link", { name: "shop/api:3.2.0" }).first().click();
  const push = page.locator("tr.in details.p[open]");
  await push.getByRole("button", { name: "Copy id" }).click();
  await page.getByText("copied 0da9badcb941").waitFor();
  assert.equal(await clipboard(), "0da9badcb941");
  await push.getByRole("button", { name: "Copy --explain command" }).click();
  await page.getByText("copied reconstruct --explain").waitFor();
  assert.equal(await clipboard(), "reconstruct --explain 0da9badcb941 LOGS");
  await push.getByRole("button", { name: /^Copy sha256:/ }).first().click();
  await page.getByText("copied sha256:").waitFor();
  assert.match(await clipboard(), /^sha256:[0-9a-f]{64}$/);
  await close();
});

test("times are shown in the reader's zone, and back", async () => {
  const { page, close } = await open(sample(), { timezoneId: "Asia/Kolkata" });
  const first = page.locator("#index tbody time").first();
  assert.equal(await first.textContent(), "2025-03-10 09:02:04Z");
  await page.getByRole("combobox", { name: "Times" }).selectOption("local");
  assert.equal(await first.textContent(), "2025-03-10 14:32:04+05:30");
  await page.getByRole("combobox", { name: "Times" }).selectOption("UTC");
  assert.equal(await first.textContent(), "2025-03-10 09:02:04Z");
  await close();
});

test("an open push shows all its times in the reader's zone, and back", async () => {
  const { page, close } = await open(sample(), { timezoneId: "Asia/Kolkata" });
  const times = () => page.locator("tr.in time, tr.in svg title").evaluateAll((all) => all.map((time) => time.textContent));
  await page.getByRole("link", { name: "shop/api:3.2.0" }).first().click();
  const before = await times();
  await page.getByRole("combobox", { name: "Times" }).selectOption("local");
  const after = await times();
  // Kolkata is five and a half hours ahead, in all of the year.
  const ahead = (clock) => new Date(Date.parse(`2025-03-10T${clock}Z`) + 19_800_000).toISOString().slice(11, 19);
  const clock = /\d\d:\d\d:\d\d/;
  assert.ok(before.filter((text) => clock.test(text)).length > 20, `${before.length} times`);
  before.forEach((text, n) => {
    const [found] = text.match(clock) ?? [];
    assert.equal(after[n].match(clock)?.[0], found && ahead(found), text);
  });
  await page.getByRole("combobox", { name: "Times" }).selectOption("UTC");
  assert.deepEqual(await times(), before);
  await close();
});

test("the head of the table stays in view", async () => {
  for (const viewport of [wide, { width: 1000, height: 700 }]) {
    const { page, close } = await open(sample(), { viewport });
    await visible(page).last().scrollIntoViewIfNeeded();
    const head = await page.locator("#index thead").boundingBox();
    assert.ok(head.y >= -1 && head.y < viewport.height - 60, `${head.y}`);
    await close();
  }
});

test("keyboard reaches a push, its timeline and its calls", async () => {
  const { page, close } = await open(sample());
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the pushes");
  await page.keyboard.press("Enter");
  const link = page.getByRole("link", { name: "tools/backup" }).first();
  await link.focus();
  await page.keyboard.press("Enter");
  const push = page.locator("details.p[open]");
  await push.locator("figure").waitFor();
  assert.equal(await push.count(), 1);
  const manifest = push.locator("a.up").first();
  await manifest.focus();
  assert.ok(await manifest.locator("line").first().isVisible(), "evidence shows under the focus");
  await page.keyboard.press("Enter");
  const call = push.locator("tr:target");
  assert.ok(await call.isVisible(), "the call is in view, its table open");
  assert.match(await call.textContent(), /InitiateLayerUpload/);
  await push.locator("> summary").focus();
  await page.keyboard.press("Space");
  assert.equal(await push.count(), 0);
  await close();
});

test("all opens and closes at once", async () => {
  const { page, close } = await open(sample());
  await page.getByRole("button", { name: "Open all" }).click();
  assert.equal(await page.locator("details.p[open]").count(), 25);
  await page.screenshot({ path: resolve(output, "sample-open.png") });
  await page.getByRole("button", { name: "Close all" }).click();
  assert.equal(await page.locator("details.p[open]").count(), 0);
  await close();
});

test("without scripts all the content is there", async () => {
  const file = sample();
  const json = JSON.parse(execFileSync(process.env.RECONSTRUCT,
    ["--format", "json", "--fail-on", "never", "--quiet", resolve(project, "testdata/sample")], { maxBuffer: 1 << 28 }));
  const { page, close } = await open(file, { javaScriptEnabled: false });
  const text = await page.locator("body").textContent();
  let n = 0;
  for (const push of json.sessions) {
    const words = [push.id, push.identity.arn, push.client?.source_ip, push.client?.user_agent];
    words.push(...push.events.flatMap((event) => [event.event_id, event.action, event.error_code, event.error_message]));
    words.push(...push.layers.flatMap((layer) => [layer.digest, layer.upload_id]));
    words.push(...push.manifests.flatMap((manifest) => [manifest.digest, ...manifest.tags]));
    words.push(...push.findings.map((finding) => finding.help));
    for (const word of words.filter(Boolean)) {
      assert.ok(text.includes(word.replaceAll("`", "")), word);
      n += 1;
    }
  }
  assert.ok(n > 1000, `${n} looked for`);
  assert.ok(await page.locator("#tools").isHidden(), "no control that does nothing");
  await page.getByRole("link", { name: "shop/web:1.8.0, latest" }).click();
  assert.ok(await page.locator("details.p[open] figure").isVisible(), "a link opens its push");
  await close();
});

test("large page draws on demand, and what it draws is what it has without scripts", async () => {
  const file = report("many", many);
  const { page, close } = await open(file);
  assert.equal(await page.locator("details.p").count(), 0);
  const link = page.locator("#index a").nth(123);
  const id = (await link.getAttribute("href")).slice(3);
  await link.click();
  const push = page.locator("details.p[open]");
  await push.locator("figure svg").waitFor();
  const drawn = await push.locator("table").allTextContents();
  await page.getByRole("searchbox").fill(await page.locator("td.id").last().textContent());
  await page.getByText("1 of 240 shown").waitFor();
  await close();
  const plain = await open(file, { javaScriptEnabled: false });
  const same = plain.page.locator("details.p").filter({ has: plain.page.locator(`#p-${id}`) });
  assert.deepEqual(await same.locator("table").allTextContents(), drawn);
  assert.equal(await plain.page.locator("details.p").count(), 240);
  await plain.close();
  const linked = await browser.newPage();
  await linked.goto(`file://${file}#p-${id}`);
  await linked.locator("details.p[open] figure svg").waitFor();
  await linked.close();
});

test("texts that attack stay texts", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const { page, close } = await open(report("hostile", hostile), { javaScriptEnabled });
    if (javaScriptEnabled) await page.getByRole("button", { name: "Open all" }).click();
    assert.match(await page.title(), /pushes/);
    for (const tag of ["img", "iframe", "object", "embed", "link", "base", "textarea", "video"]) {
      assert.equal(await page.locator(tag).count(), 0, tag);
    }
    assert.equal(await page.locator("script").count(), 1);
    assert.equal(await page.locator("style").count(), 1);
    assert.equal(await page.locator("svg [onload], [onerror], [onmouseover], [style]:not(#index > tbody)").count(), 0);
    assert.equal(await page.locator("a:not([href^='#'])").count(), 0);
    const text = await page.locator("body").textContent();
    assert.ok(text.includes(HOSTILE[0]), "it is shown as it was written");
    assert.ok(text.includes("\\u{202e}gnp.exe\\u{2066}\\u{200b}\\u{2028}\\u{ad}"), "what hides is written out");
    assert.ok(text.includes("\\u{0}\\u{7}\\u{1b}[31mred"), "so is what controls");
    assert.ok(!/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/.test(text));
    assert.ok(text.includes("more characters; --format json has all"), "what is cut says so");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth).catch(() => 0);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
    if (javaScriptEnabled) await page.screenshot({ path: resolve(output, "hostile.png") });
    await close();
  }
});

test("tag of 100,000 characters stands whole in its table", async () => {
  const { page, close } = await open(report("hostile", hostile));
  const cells = await page.locator("td").evaluateAll((cells) => cells.filter((c) => c.textContent === "x".repeat(100_000)).length);
  assert.ok(cells > 0);
  await close();
});

for (const [name, logs] of [["sample", "testdata/sample"], ["huge", huge], ["pause", pause], ["hostile", hostile],
  ["damaged", "testdata/cases/damaged-files/in"], ["platforms", "testdata/cases/multi-architecture/in"]]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 390, 1280, 1600]) {
      // The large ones take axe long, and differ in nothing that it looks at.
      if (!["sample", "platforms", "damaged"].includes(name) && (colorScheme === "light" || width > 360)) continue;
      test(`axe finds nothing in ${name}, ${colorScheme}, ${width} pixels`, async () => {
        // The policy lets nothing in, so that the examiner needs a way past it.
        const context = await browser.newContext({ viewport: { width, height: 1000 }, colorScheme, bypassCSP: true });
        const page = await context.newPage();
        await page.goto(`file://${report(name, logs)}`);
        // A push in its row, and one at its own place.
        await page.locator("#index a").first().click();
        await page.locator("section.of details.p").evaluateAll((all) => { if (all.length) all[0].open = true; });
        await page.locator("details.p[open]").locator("details").evaluateAll((all) => all.forEach((d) => { d.open = true; }));
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document));
        const told = violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(" | ")}`);
        assert.deepEqual(told, []);
        assert.ok(passes.length > 10, "it looked");
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px too wide`);
        await page.screenshot({ path: resolve(output, `${name}-${colorScheme}-${width}.png`) });
        await context.close();
      });
    }
  }
}

test("print shows what is open, in dark ink", async () => {
  const { page, close } = await open(sample(), { colorScheme: "dark" });
  await page.locator("details.p").nth(1).evaluate((push) => { push.open = true; });
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("#tools").isHidden());
  assert.ok(await page.locator("details.p[open] figure").isVisible());
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).color), "rgb(0, 0, 0)");
  await page.pdf({ path: resolve(output, "sample.pdf"), format: "A4" });
  await close();
});
