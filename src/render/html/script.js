// Filters, sorts and folds what is there already; nothing needs it to be read.
// Its hash stands in policy.txt. It asks no network, keeps nothing, and makes no markup of text: what it parses are
// the pushes of a large page, which stand in `noscript` and are text where scripts run.
"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const body = one("index")?.tBodies[0];
  if (!body) return;
  const [tools, words, status, shown, none] = ["tools", "words", "status", "shown", "none"].map(one);
  const rows = [...body.rows];
  const ids = rows.map((row) => row.querySelector("a")?.hash.slice(3) ?? "");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const count = (n) => n.toLocaleString("en");

  // A push that waits to be drawn is text in an element of its own. Its timeline is a comment in that text, for a
  // browser without scripts would have to hold the drawings of all at once.
  const waiting = (id) => one("n-" + id);
  const card = (id) => one("p-" + id)?.closest("details");
  const draw = (id) => {
    const text = waiting(id);
    if (text) text.outerHTML = text.textContent.replace("\x3c!--", "").replace("--\x3e", "");
    return card(id);
  };
  const show = () => {
    const id = location.hash.slice(1);
    const push = id.replace(/^p-/, "").replace(/-.*/, "");
    if (!waiting(push)) return;
    draw(push).open = true;
    one(id)?.scrollIntoView();
    location.replace("#" + id);
  };
  addEventListener("hashchange", show);

  // The filter looks at all that a push holds, drawn or not.
  const holds = (at, word) =>
    texts[at].includes(word)
    || ((waiting(ids[at]) ?? card(ids[at]))?.textContent.toLowerCase().includes(word) ?? false);
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const seen = new Set();
    let n = 0;
    rows.forEach((row, at) => {
      const of = row.cells[0].textContent;
      const fits = (!status.value || of === status.value) && wanted.every((word) => holds(at, word));
      row.hidden = !fits;
      const push = card(ids[at]);
      if (push) push.hidden = !fits;
      if (fits) { n += 1; seen.add(of); }
    });
    for (const section of document.querySelectorAll("section.of")) section.hidden = !seen.has(section.id.slice(3));
    none.hidden = n > 0;
    shown.textContent = n === rows.length ? "" : `${count(n)} of ${count(rows.length)} shown`;
  };
  let later;
  words.addEventListener("input", () => { clearTimeout(later); later = setTimeout(filter, 150); });
  status.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => { event.preventDefault(); filter(); });

  // Folding; a browser that is asked to open thousands at once is of no use to anybody.
  const most = 100;
  const visible = () => ids.filter((_, at) => !rows[at].hidden);
  one("unfold").addEventListener("click", () => {
    const all = visible();
    for (const id of all.slice(0, most)) draw(id).open = true;
    if (all.length > most) shown.textContent = `the first ${count(most)} opened`;
  });
  one("fold").addEventListener("click", () => {
    for (const push of document.querySelectorAll("details.p[open]")) push.open = false;
  });
  if (!ids[0]) document.querySelector(".fold").hidden = true;

  // Sorting, by the number of a cell where it has one.
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.n === undefined ? cell.textContent : Number(cell.dataset.n);
  };
  const order = new Intl.Collator("en", { numeric: true });
  const compare = (a, b) => (typeof a === "number" ? a - b : order.compare(a, b));
  const heads = [...document.querySelectorAll("#index th")];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.ariaSort === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = rows.map((row, at) => [value(row, column), at, row]);
      keyed.sort((a, b) => compare(a[0], b[0]) * (down ? -1 : 1) || a[1] - b[1]);
      body.append(...keyed.map((key) => key[2]));
    });
  });
  tools.hidden = false;

  // The pushes come after the script; what was asked of them in the meantime is done when all are there.
  addEventListener("DOMContentLoaded", () => {
    for (const note of document.querySelectorAll("section.of > .none")) note.hidden = false;
    if (words.value || status.value) filter();
    show();
  });
})();
