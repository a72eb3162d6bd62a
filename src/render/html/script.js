// Filters, sorts and folds what is there already; nothing needs it to be read.
// Its hash stands in policy.txt. It asks no network, keeps nothing, and makes no markup of text:
// what it parses are the parts that the page holds in `noscript` for browsers without scripts.
"use strict";
(() => {
  const one = (id) => document.getElementById(id);
  const tools = one("tools");
  const body = one("index")?.tBodies[0];
  if (!tools || !body) return;
  const rows = [...body.rows];
  const cards = [...document.querySelectorAll("details.p")];
  const sections = [...document.querySelectorAll("section.of")];

  // Details that are drawn on demand.
  const draw = (card) => {
    const waiting = card.querySelector("noscript");
    if (waiting) waiting.outerHTML = waiting.textContent;
  };
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches("details.p")) draw(event.target);
  }, true);
  const follow = () => {
    const id = location.hash.slice(1);
    if (!id || one(id)) return;
    const card = one("p-" + id.split("-")[0])?.closest("details");
    if (!card) return;
    draw(card);
    one(id)?.scrollIntoView();
    location.replace("#" + id);
  };
  addEventListener("hashchange", follow);
  follow();

  // The filter looks at all that a push holds, drawn or not.
  const [words, status, shown, none] = ["words", "status", "shown", "none"].map(one);
  const rowTexts = rows.map((row) => row.textContent.toLowerCase());
  const holds = (at, word) =>
    rowTexts[at].includes(word) || (cards[at]?.textContent.toLowerCase().includes(word) ?? false);
  const filter = () => {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    rows.forEach((row, at) => {
      const fits = (!status.value || row.cells[0].textContent === status.value)
        && wanted.every((word) => holds(at, word));
      row.hidden = !fits;
      if (cards[at]) cards[at].hidden = !fits;
      n += fits;
    });
    for (const section of sections) section.hidden = !section.querySelector("details.p:not([hidden])");
    none.hidden = n > 0;
    shown.textContent = n === rows.length ? "" : `${n} of ${rows.length} shown`;
  };
  let later;
  words.addEventListener("input", () => { clearTimeout(later); later = setTimeout(filter, 150); });
  status.addEventListener("change", filter);
  tools.addEventListener("submit", (event) => { event.preventDefault(); filter(); });

  // Folding; a browser that is asked to open thousands at once is of no use to anybody.
  const most = 300;
  const fold = (open) => {
    const visible = cards.filter((card) => !card.hidden);
    for (const card of open ? visible.slice(0, most) : visible) card.open = open;
    if (open && visible.length > most) shown.textContent = `the first ${most} opened`;
  };
  one("unfold").addEventListener("click", () => fold(true));
  one("fold").addEventListener("click", () => fold(false));
  if (!cards.length) document.querySelector(".fold").hidden = true;

  // Sorting, by the number of a cell where it has one.
  const value = (row, column) => {
    const cell = row.cells[column];
    const number = cell.querySelector("data")?.value;
    return number === undefined ? cell.textContent : Number(number);
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
})();
