// Filters, sorts, folds and copies what is there already; nothing needs it to be read.
// Its hash stands in policy.txt. It asks no network, keeps nothing, and makes no markup of text: what it parses are
// the pushes of a large page, which stand in `noscript` and are text where scripts run.
// What is shown stands in the address after `#~`, so that back, reload and a link to somebody else give the same view.
"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const index = one("index");
  if (!index?.tBodies.length) return;
  const [tools, words, status, attention, since, until, zone, shown, none, fresh] =
    ["tools", "words", "status", "attention", "since", "until", "zone", "shown", "none", "fresh"].map(one);
  // The rows stand in bundles, of which those out of view are neither laid out nor styled.
  const bundles = [...index.tBodies], rows = bundles.flatMap((bundle) => [...bundle.rows]);
  const perBundle = bundles[0].rows.length;
  const links = rows.map((row) => row.querySelector("a"));
  const ids = links.map((link) => link?.hash.slice(3) ?? "");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const groups = rows.map((row) => row.cells[0].className.slice(2));
  const attentions = rows.map((row) => row.dataset.a);
  const times = rows.map((row) => Number(row.dataset.t));
  const numbers = new Map(ids.map((id, at) => ["p-" + id, at]));
  const count = (n) => n.toLocaleString("en");

  // The view: words, status, attention, cause (the first of its rows, and the one after its last), from, until (seconds),
  // order (column, `-` for down), push, zone.
  const read = () => {
    const view = new URLSearchParams(location.hash.startsWith("#~") ? location.hash.slice(2) : "");
    return Object.fromEntries(["q", "s", "a", "g", "f", "t", "o", "p", "z"].map((key) => [key, view.get(key) ?? ""]));
  };
  let view = read();
  const write = (change, asStep) => {
    view = { ...view, ...change };
    const kept = Object.entries(view).filter(([, value]) => value !== "");
    const hash = "#" + (kept.length ? "~" + new URLSearchParams(kept) : "");
    if (hash !== (location.hash || "#")) history[asStep ? "pushState" : "replaceState"](null, "", hash);
  };
  // What is being typed is not lost to another change.
  const go = (change, asStep = true) => { write({ q: words.value, ...change }, asStep); apply(); };
  const unfiltered = { q: "", s: "", a: "", g: "", f: "", t: "" };

  // A push that waits to be drawn is text in an element of its own. Its timeline is a comment in that text, for a
  // browser without scripts would have to hold the drawings of all at once.
  const waiting = (id) => one("n-" + id);
  const card = (id) => one("p-" + id)?.closest("details");
  const draw = (id) => {
    const text = waiting(id);
    if (text) text.outerHTML = text.textContent.replace("\x3c!--", "").replace("--\x3e", "");
    return card(id);
  };

  // The opened push stands under its row, and goes back to its own place when it is closed.
  const place = document.createElement("tr");
  place.className = "in";
  const cell = place.insertCell();
  let opened, home, at = -1;
  const close = () => {
    if (!opened) return;
    const push = opened;
    opened = undefined;
    push.open = false;
    home.replaceWith(push);
    place.remove();
    links[at]?.setAttribute("aria-expanded", "false");
  };
  const show = (id) => {
    if (opened && opened === card(id)) return;
    close();
    at = ids.indexOf(id);
    const push = at < 0 ? undefined : draw(id);
    if (!push) return;
    home = document.createComment("");
    push.replaceWith(home);
    cell.colSpan = heads.length;
    cell.append(push);
    rows[at].after(place);
    push.hidden = false;
    push.open = true;
    opened = push;
    copies(push, id);
    clocks(push);
    links[at].setAttribute("aria-expanded", "true");
  };
  addEventListener("toggle", (event) => {
    if (event.target === opened && !opened.open) { close(); write({ p: "" }, true); }
  }, true);

  // Buttons that copy the ids of a push, and the commands that lead on from it.
  const button = (name, text) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "copy";
    made.textContent = name;
    made.dataset.copy = text;
    return made;
  };
  const copies = (push, id) => {
    if (push.querySelector(".copy")) return;
    const acts = document.createElement("p");
    acts.className = "acts";
    acts.append(button("Copy id", id), button("Copy --push command", `reconstruct --push ${id} LOGS`),
      button("Copy --explain command", `reconstruct --explain ${id} LOGS`));
    for (const [names, word] of [[repositories, "to"], [callers, "by"], [addresses, "from"]]) {
      const name = names()[at];
      if (!name || name.includes('"')) continue;
      const n = names().filter((other) => other === name).length;
      acts.append(button(`${count(n)} ${n === 1 ? "push" : "pushes"} ${word} ${name}`, ""));
      acts.lastChild.dataset.like = name;
    }
    push.querySelector(".body").prepend(acts);
    for (const place of push.querySelectorAll(".id")) {
      const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT), found = [];
      while (walk.nextNode()) found.push(walk.currentNode);
      for (const node of found) {
        const id = /(\S{8,})\s*$/.exec(node.data)?.[1];
        if (!id) continue;
        const made = button("", id);
        made.setAttribute("aria-label", `Copy ${id.slice(0, 80)}`);
        node.after(made);
      }
    }
  };
  const copy = async (text) => {
    try { await navigator.clipboard.writeText(text); } catch {
      const area = document.createElement("input");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    shown.textContent = `copied ${text.slice(0, 60)}`;
  };

  // What a row says in single columns: where to, by whom, from where. They are read when they are first asked for.
  const heads = [...document.querySelectorAll("#index > thead th")];
  const column = (name, read) => {
    const at = heads.findIndex((head) => head.textContent === name);
    let texts;
    return () => (texts ??= rows.map((row) => read(row.cells[at])));
  };
  const repositories = column("Push", (cell) => cell.firstChild.textContent.split(":")[0]);
  const callers = column("Who", (cell) => cell.textContent);
  const addresses = column("From", (cell) => cell.textContent.replace(" (hint)", "").replace("not known", ""));

  // The filter looks at the rows at once, and then, bit by bit, at all that a push holds, drawn or not. What stands
  // between quotation marks is the whole of a repository, a caller or an address.
  const deep = (at) => (waiting(ids[at]) ?? card(ids[at]))?.textContent.toLowerCase() ?? "";
  const seen = rows.map(() => true);
  // To look for elements by a selector takes as long as all else on a large page; these lists keep up by themselves.
  const [cards, sections] = ["p", "of"].map((name) => document.getElementsByClassName(name));
  // Enter in the filter leads to the first row that it finds.
  let run = 0, isGoing = false;
  const filter = () => {
    const mine = ++run;
    const [wanted, whole] = [[], []];
    for (const [, name, word] of view.q.matchAll(/"([^"]+)"|(\S+)/g)) name ? whole.push(name) : wanted.push(word.toLowerCase());
    const [from, to] = [view.f === "" ? -Infinity : Number(view.f), view.t === "" ? Infinity : Number(view.t)];
    const [first, end] = view.g === "" ? [0, Infinity] : view.g.split("-").map(Number);
    const is = (at) => (name) => repositories()[at] === name || callers()[at] === name || addresses()[at] === name;
    const fits = (at) => (!view.s || groups[at] === view.s) && (!view.a || attentions[at] === view.a)
      && at >= first && at < end && !(times[at] < from) && !(times[at] >= to) && whole.every(is(at));
    const kinds = new Set(), open = [];
    let n = 0;
    const set = (at, isShown) => {
      seen[at] = isShown;
      if (isShown) { n += 1; kinds.add(attentions[at]); }
    };
    const done = (isWhole) => {
      place.hidden = opened && !seen[ids.indexOf(view.p)];
      for (const push of cards) if (push !== opened) push.hidden = !seen[numbers.get(push.querySelector(".body").id)];
      for (const section of sections) section.hidden = !kinds.has(section.id.slice(2));
      bundle();
      none.hidden = n > 0 || !isWhole;
      shown.textContent = n === rows.length ? "" : `${count(n)} of ${count(rows.length)} shown${isWhole ? "" : ", searching \u2026"}`;
      if (isGoing && n > 0) step(1);
      if (n > 0 || isWhole) isGoing = false;
      if (isWhole) setTimeout(() => mine === run && sinceThen(from));
    };
    for (let at = 0; at < rows.length; at += 1) {
      const isFit = fits(at);
      const isShown = isFit && wanted.every((word) => texts[at].includes(word));
      if (isFit && !isShown) open.push(at);
      set(at, isShown);
    }
    done(!open.length);
    let next = 0;
    const more = () => {
      if (mine !== run) return;
      const stop = performance.now() + 12, before = n;
      while (next < open.length && performance.now() < stop) {
        const at = open[next++];
        const text = deep(at);
        if (wanted.every((word) => texts[at].includes(word) || text.includes(word))) set(at, true);
      }
      if (n > before || next === open.length) done(next === open.length);
      if (next < open.length) setTimeout(more);
    };
    // What was found at once is shown first.
    if (open.length) requestAnimationFrame(() => setTimeout(more));
  };

  // Hides rows, or whole bundles of them; a bundle out of view takes about as much room as its rows would.
  const narrow = matchMedia("screen and (max-width: 48rem)");
  const hidden = rows.map(() => false), sizes = bundles.map(() => perBundle);
  let inOrder = rows.map((_, at) => at);
  const bundle = () => {
    bundles.forEach((of, number) => {
      const within = inOrder.slice(number * perBundle, (number + 1) * perBundle);
      const n = within.filter((at) => seen[at]).length;
      if (of.hidden !== (n === 0)) of.hidden = n === 0;
      if (n > 0) for (const at of within) if (hidden[at] === seen[at]) rows[at].hidden = hidden[at] = !seen[at];
      if (n !== sizes[number]) of.style.containIntrinsicBlockSize = `${n * (narrow.matches ? 160 : 48)}px`;
      sizes[number] = n;
    });
  };

  // What occurs in the pushes that are shown and in none from before the time that is chosen.
  const sinceThen = (from) => {
    const texts = [];
    if (from > -Infinity) {
      for (const [names, what] of [[callers, "callers"], [addresses, "addresses"], [repositories, "repositories"]]) {
        const before = new Set(names().filter((_, at) => times[at] < from));
        const found = [...new Set(names().filter((name, at) => seen[at] && name && !before.has(name)))];
        if (found.length) texts.push(`${what} ${found.slice(0, 8).join(", ")}${found.length > 8 ? ` and ${count(found.length - 8)} more` : ""}`);
      }
    }
    fresh.hidden = from === -Infinity;
    fresh.textContent = texts.length ? `Not in the pushes of this page that began before: ${texts.join("; ")}.`
      : "All callers, addresses and repositories shown occur in pushes of this page that began before, too.";
  };

  // Times in the zone of the page, or in the reader's own.
  const two = (n) => String(n).padStart(2, "0");
  const local = (text) => {
    const time = new Date(text.replace(" ", "T"));
    if (Number.isNaN(time.getTime())) return text;
    const ahead = -time.getTimezoneOffset(), far = Math.abs(ahead);
    return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${two(time.getHours())}:${two(time.getMinutes())}`
      + `:${two(time.getSeconds())}${ahead < 0 ? "-" : "+"}${two(Math.floor(far / 60))}:${two(far % 60)}`;
  };
  // A time of day alone is that of the last day that was named before it. In a timeline it begins the title of a step.
  const clocks = (within) => {
    let day = "";
    for (const time of within.querySelectorAll("time, svg title")) {
      const text = time.dataset.o ??= time.localName === "time" ? time.textContent : time.textContent.match(/^\d\d:\d\d:\d\dZ?(?=: )/)?.[0] ?? "";
      if (!text) continue;
      const dated = /^\d{4,}-/.test(text);
      if (dated) day = text;
      const near = dated ? text : day.replace(/\d\d:\d\d:\d\d(\.\d+)?/, text.slice(0, 8));
      const shown = view.z !== "local" ? text : dated ? local(text) : local(near).slice(11, 19) || text;
      time.firstChild.data = shown + time.firstChild.data.slice((time.dataset.n ?? text).length);
      time.dataset.n = shown;
    }
  };

  // Sorting, by the number of a cell where it has one.
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.n === undefined ? cell.textContent : Number(cell.dataset.n);
  };
  const order = new Intl.Collator("en", { numeric: true });
  const compare = (a, b) => (typeof a === "number" ? a - b : order.compare(a, b));
  let sorted = "";
  const sort = () => {
    if (view.o === sorted) return;
    sorted = view.o;
    const column = Number.parseInt(view.o, 10), down = view.o.endsWith("-");
    heads.forEach((head, n) => {
      if (n === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const keyed = rows.map((row, at) => [column >= 0 ? value(row, column) : at, at]);
    keyed.sort((a, b) => compare(a[0], b[0]) * (down ? -1 : 1) || a[1] - b[1]);
    inOrder = keyed.map((key) => key[1]);
    bundles.forEach((of, n) => of.append(...inOrder.slice(n * perBundle, (n + 1) * perBundle).map((at) => rows[at])));
    // A bundle that is out of view has other rows now.
    sizes.fill(-1);
    if (opened) rows[at].after(place);
  };
  heads.forEach((head, column) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = head.textContent;
    head.replaceChildren(made);
    made.addEventListener("click", () => go({ o: view.o === String(column) ? `${column}-` : String(column) }));
  });

  // The strip of time: a stretch of it is chosen by dragging, a column by a click.
  const strip = document.querySelector("svg.strip");
  const [begin, end] = [Number(strip?.dataset.f), Number(strip?.dataset.t)];
  const brush = strip?.querySelector("rect").cloneNode();
  brush?.setAttribute("class", "brush");
  const second = (event) => {
    const box = strip.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    return begin + part * (end - begin);
  };
  const mark = (from, to) => {
    brush?.setAttribute("x", `${(100 * (from - begin)) / (end - begin)}%`);
    brush?.setAttribute("width", `${(100 * Math.max(0, to - from)) / (end - begin)}%`);
  };
  if (strip && end > begin) {
    for (const name of ["y", "height"]) brush.removeAttribute(name);
    strip.prepend(brush);
    let from;
    strip.addEventListener("pointerdown", (event) => { from = second(event); strip.setPointerCapture(event.pointerId); });
    strip.addEventListener("pointermove", (event) => { if (from !== undefined) mark(Math.min(from, second(event)), Math.max(from, second(event))); });
    strip.addEventListener("pointerup", (event) => {
      if (from === undefined) return;
      let [low, high] = [Math.min(from, second(event)), Math.max(from, second(event))];
      from = undefined;
      const column = (end - begin) / 96;
      if (high - low < column / 4) {
        low = begin + Math.floor((low - begin) / column) * column;
        high = low + column;
      }
      go({ f: String(Math.floor(low)), t: String(Math.ceil(high)) });
    });
  }
  // What a field of date and time holds is in the zone that is chosen.
  const typed = (field) => {
    if (!field.value) return "";
    return String(Math.floor(new Date(field.value + (view.z === "local" ? "" : "Z")).getTime() / 1000));
  };
  const field = (seconds) => {
    if (seconds === "") return "";
    const time = new Date(Number(seconds) * 1000);
    return view.z === "local" ? local(time.toISOString()).slice(0, 19).replace(" ", "T") : time.toISOString().slice(0, 19);
  };

  const [tiles, causes] = [".tiles a", ".causes a"].map((of) => document.querySelectorAll(of));
  const apply = () => {
    if (words.value !== view.q) words.value = view.q;
    [status.value, attention.value, zone.value] = [view.s, view.a, view.z];
    [since.value, until.value] = [field(view.f), field(view.t)];
    for (const tile of tiles) tile.setAttribute("aria-current", String(tile.hash === "#of-" + view.s));
    for (const link of causes) link.setAttribute("aria-current", String((view.a !== "" && link.dataset.a === view.a) || (view.g !== "" && link.dataset.g === view.g)));
    if (end > begin) mark(view.f === "" && view.t === "" ? begin : Math.max(begin, Number(view.f)), view.f === "" && view.t === "" ? begin : Number(view.t || end));
    if (clocks.zone !== view.z) { clocks.zone = view.z; clocks(document); }
    sort();
    if (view.p) show(view.p); else close();
    filter();
  };

  let later;
  words.addEventListener("input", () => { clearTimeout(later); later = setTimeout(() => go({ q: words.value }, false), 15); });
  status.addEventListener("change", () => go({ s: status.value }));
  attention.addEventListener("change", () => go({ a: attention.value }));
  zone.addEventListener("change", () => go({ z: zone.value }));
  since.addEventListener("change", () => go({ f: typed(since) }));
  until.addEventListener("change", () => go({ t: typed(until) }));
  one("clear").addEventListener("click", () => go(unfiltered));
  tools.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(later); isGoing = true; go({ q: words.value }, false); });

  addEventListener("click", (event) => {
    const made = event.target.closest(".copy");
    if (made?.dataset.like) {
      go({ ...unfiltered, q: `"${made.dataset.like}"`, p: "" });
      index.scrollIntoView({ block: "nearest" });
      return;
    }
    if (made) { copy(made.dataset.copy); return; }
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) {
      const id = event.target.closest("#index small.id");
      if (id) copy(id.textContent);
      return;
    }
    const tile = link.closest(".tiles") && link.hash.slice(4);
    const cause = link.closest(".causes") && link.dataset;
    const push = /^#p-([0-9a-f]{12})$/.exec(link.hash)?.[1];
    if (tile) go({ s: view.s === tile ? "" : tile });
    else if (cause?.a) go({ a: view.a === cause.a ? "" : cause.a, g: "" });
    else if (cause?.g) go({ g: view.g === cause.g ? "" : cause.g, a: "" });
    else if (push) {
      go({ p: link.closest("#index") && view.p === push ? "" : push });
      if (view.p) rows[at]?.scrollIntoView({ block: link.closest("#index > tbody > tr:not(.in)") ? "nearest" : "start" });
    } else return;
    event.preventDefault();
  });

  // Keys, where nothing is being typed: `/` to the filter, `j` and `k` down and up the rows, `Esc` back.
  const step = (by) => {
    const now = document.activeElement?.closest("#index > tbody > tr:not(.in)");
    let to = now ? inOrder.indexOf(rows.indexOf(now)) : by > 0 ? -1 : inOrder.length;
    do to += by; while (to >= 0 && to < inOrder.length && !seen[inOrder[to]]);
    const next = links[inOrder[to]];
    next?.focus();
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.closest?.("input, select");
    if (event.key === "Escape") {
      if (isTyping === words && words.value) go({ q: "" }, false);
      else if (isTyping) event.target.blur();
      else if (opened) { const link = links[at]; go({ p: "" }); link?.focus(); }
      return;
    }
    if (isTyping) return;
    if (event.key === "/") { event.preventDefault(); words.focus(); }
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });

  // The rows that are shown, as a table to paste; what a spreadsheet would compute gets a sign before it.
  const cells = (row) => [...row.cells].map((cell) => {
    const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), texts = [];
    while (walk.nextNode()) texts.push(walk.currentNode.data.trim());
    return texts.filter(Boolean).join(" ").replace(/^[=+\-@]/, "'$&");
  });
  one("rows").addEventListener("click", async () => {
    const all = [index.tHead.rows[0], ...inOrder.filter((at) => seen[at]).map((at) => rows[at])];
    await copy(all.map((row) => cells(row).join("\t")).join("\n"));
    shown.textContent = `copied ${count(all.length - 1)} rows`;
  });

  // Folding; a browser that is asked to open thousands at once is of no use to anybody.
  const most = 100;
  one("unfold").addEventListener("click", () => {
    const all = ids.filter((_, at) => seen[at]);
    for (const id of all.slice(0, most)) draw(id).open = true;
    if (all.length > most) shown.textContent = `the first ${count(most)} opened`;
  });
  one("fold").addEventListener("click", () => {
    if (view.p) go({ p: "" });
    for (const push of document.querySelectorAll("details.p[open]")) push.open = false;
  });
  if (!ids[0]) document.querySelector(".fold").hidden = true;
  tools.hidden = false;

  // A link into a push, to a call of it for example, opens that push first.
  const arrive = () => {
    const id = location.hash.slice(1);
    const push = /^p-([0-9a-f]{12})/.exec(id)?.[1];
    if (!push) { view = read(); apply(); return; }
    if (id === "p-" + push) { go({ p: push }, false); rows[at]?.scrollIntoView(); return; }
    if (card(push)?.open) return;
    draw(push).open = true;
    one(id)?.scrollIntoView();
    location.replace("#" + id);
  };
  addEventListener("popstate", arrive);

  // The pushes come after the script; what was asked of them in the meantime is done when all are there.
  addEventListener("DOMContentLoaded", () => {
    for (const note of document.querySelectorAll("section.of > .none")) note.hidden = false;
    arrive();
  });
})();
