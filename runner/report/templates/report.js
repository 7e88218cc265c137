"use strict";
(() => {
  // Lines that are to be pasted can be copied.
  for (const code of document.querySelectorAll("code.copy")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-label", "Copy " + code.textContent);
    const around = document.createElement("span");
    around.className = "copying";
    code.replaceWith(around);
    around.append(code, button);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  // What is folded is on paper, too.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });

  const explorer = document.getElementById("explorer");
  if (!explorer) return;

  // All items, in columns as they were written.
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = {s: "succeeded", f: "failed", k: "skipped", c: "cancelled", r: "running"};
  const ranks = {f: 0, c: 1, r: 2, k: 3, s: 4};
  const markWords = ["flaky", "tolerated", "reused", "truncated"];
  const total = data.blocks.reduce((sum, block) => sum + block.count, 0);
  const addresses = new Array(total);
  const statuses = data.blocks.map((block) => block.statuses).join("");
  const tasks = new Uint32Array(total), taskNames = [], taskNumbers = new Map();
  const starts = new Float64Array(total), seconds = new Float64Array(total);
  const workers = new Uint32Array(total), workerNames = [], workerNumbers = new Map();
  const attempts = new Uint32Array(total), marks = new Uint8Array(total);
  const notes = new Uint32Array(total), noteTexts = [""];

  const numbered = (names, numbers, name) => {
    let number = numbers.get(name);
    if (number === undefined) {
      number = names.push(name) - 1;
      numbers.set(name, number);
    }
    return number;
  };

  let at = 0;
  for (const block of data.blocks) {
    let before = "", place = at;
    for (const line of block.addresses.split("\n")) {
      const gap = line.indexOf(" ");
      before = before.slice(0, parseInt(line.slice(0, gap), 36)) + line.slice(gap + 1);
      addresses[place++] = before;
    }
    const ofTasks = block.of_tasks.map((name) => numbered(taskNames, taskNumbers, name));
    const ofWorkers = block.of_workers.map((name) => numbered(workerNames, workerNumbers, name));
    place = at;
    for (let run = 0; run < block.tasks.length; run += 2) {
      tasks.fill(ofTasks[block.tasks[run]], place, place += block.tasks[run + 1]);
    }
    let start = 0;
    for (let row = 0; row < block.count; row++) {
      starts[at + row] = start += block.starts[row];
      seconds[at + row] = block.seconds[row] / 1e4;
      workers[at + row] = ofWorkers[block.workers[row]];
      attempts[at + row] = block.seconds[row] < 0 ? 0 : 1;
    }
    const pairs = (column, target, shift = 0) => {
      for (let pair = 0; pair < column.length; pair += 2) target[at + column[pair]] = column[pair + 1] + shift;
    };
    pairs(block.attempts, attempts);
    pairs(block.marks, marks);
    pairs(block.notes, notes, noteTexts.length - 1);
    for (const text of block.of_notes) noteTexts.push(text);
    at += block.count;
  }

  const noteOf = (row) => {
    const said = markWords.filter((_, bit) => marks[row] & (1 << bit));
    if (notes[row]) said.push(noteTexts[notes[row]]);
    return said.join("; ");
  };
  const took = (time) => {
    if (time < 0) return "";
    if (time < 0.9995) return (time * 1000).toFixed(0) + "ms";
    if (time < 59.95) return time.toFixed(1) + "s";
    const whole = Math.round(time), two = (number) => String(number).padStart(2, "0");
    if (whole < 3600) return Math.floor(whole / 60) + "m " + two(whole % 60) + "s";
    return Math.floor(whole / 3600) + "h " + two(Math.floor(whole % 3600 / 60)) + "m";
  };

  // What is to be seen: the rows that fit, in their order.
  const search = document.getElementById("search"), byStatus = document.getElementById("status");
  const byTask = document.getElementById("task"), found = document.getElementById("found");
  const view = document.getElementById("window"), table = document.getElementById("table");
  const body = table.tBodies[0], heads = [...table.querySelectorAll("th")];
  const HEIGHT = 30;
  let shown = new Uint32Array(total), sorted = null, falling = false;

  const options = (select, all, names) => {
    select.append(new Option(all, ""));
    for (const [value, text] of names) select.append(new Option(text, value));
  };
  const counts = {};
  for (const letter of statuses) counts[letter] = (counts[letter] || 0) + 1;
  const present = Object.keys(ranks).filter((letter) => counts[letter]);
  options(byStatus, "any", present.map((letter) => [letter, words[letter] + " (" + counts[letter].toLocaleString("en") + ")"]));
  if (attempts.some((number) => number > 1)) byStatus.append(new Option("retried", "retried"));
  if (marks.some((mark) => mark & 1)) byStatus.append(new Option("flaky", "flaky"));
  options(byTask, "any", taskNames.map((name, number) => [String(number), name]));

  const values = {
    status: (row) => ranks[statuses[row]],
    start: (row) => starts[row],
    seconds: (row) => seconds[row],
    attempts: (row) => attempts[row],
    worker: (row) => workers[row],
  };
  const blank = {
    start: (row) => starts[row] < 0,
    seconds: (row) => seconds[row] < 0,
    attempts: (row) => !attempts[row],
    worker: (row) => !workerNames[workers[row]],
    note: (row) => !notes[row] && !marks[row],
  };
  const collator = new Intl.Collator("en", {numeric: true});
  const compared = (by) => {
    if (by === "address") return (one, other) => collator.compare(addresses[one], addresses[other]);
    if (by === "note") return (one, other) => collator.compare(noteOf(one), noteOf(other));
    if (by === "worker") {
      const order = workerNames.map((_, number) => number).sort((a, b) => collator.compare(workerNames[a], workerNames[b]));
      const rank = new Uint32Array(order.length);
      order.forEach((number, place) => { rank[number] = place; });
      return (one, other) => rank[workers[one]] - rank[workers[other]];
    }
    const keys = new Float64Array(total);
    for (let row = 0; row < total; row++) keys[row] = values[by](row);
    return (one, other) => keys[one] - keys[other] || 0;
  };

  const choose = () => {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = byStatus.value, task = byTask.value === "" ? -1 : Number(byTask.value);
    const rows = new Uint32Array(total);
    let length = 0;
    for (let row = 0; row < total; row++) {
      if (task >= 0 && tasks[row] !== task) continue;
      if (status === "retried" ? attempts[row] < 2 : status === "flaky" ? !(marks[row] & 1) : status && statuses[row] !== status) continue;
      if (asked.length) {
        const text = (addresses[row] + "\n" + (notes[row] || marks[row] ? noteOf(row) : "")).toLowerCase();
        if (!asked.every((word) => text.includes(word))) continue;
      }
      rows[length++] = row;
    }
    shown = rows.subarray(0, length);
    if (sorted) {
      const compare = compared(sorted), turn = falling ? -1 : 1;
      const blanks = new Uint8Array(total);  // they come last, whichever way it is sorted
      if (blank[sorted]) for (let row = 0; row < total; row++) blanks[row] = blank[sorted](row);
      shown.sort((one, other) => blanks[one] - blanks[other] || turn * compare(one, other) || one - other);
    }
    const all = total.toLocaleString("en") + (total === 1 ? " item" : " items");
    found.textContent = length === total ? all : length.toLocaleString("en") + " of " + all;
    table.setAttribute("aria-rowcount", String(length + 1));
    view.scrollTop = 0;
    draw(true);
  };

  const cell = (text, kind) => {
    const made = document.createElement("td");
    if (kind === "status") {
      const word = document.createElement("span");
      word.className = "word " + text;
      word.textContent = text;
      made.append(word);
    } else {
      made.textContent = text;
      if (kind) made.className = kind;
      if (text.length > 24) made.title = text;
    }
    return made;
  };
  const space = (height) => {
    const row = document.createElement("tr"), made = document.createElement("td");
    row.className = "space";
    row.setAttribute("aria-hidden", "true");
    made.colSpan = 7;
    made.style.height = height + "px";
    row.append(made);
    return row;
  };

  let first = -1, last = -1;
  const draw = (anew) => {
    const from = Math.max(0, Math.floor(view.scrollTop / HEIGHT) - 10);
    const to = Math.min(shown.length, from + Math.ceil((view.clientHeight || 500) / HEIGHT) + 20);
    if (!anew && from === first && to === last) return;
    first = from;
    last = to;
    const rows = from ? [space(from * HEIGHT)] : [];
    for (let place = from; place < to; place++) {
      const row = shown[place], made = document.createElement("tr");
      made.setAttribute("aria-rowindex", String(place + 2));
      made.append(
        cell(words[statuses[row]], "status"),
        cell(addresses[row]),
        cell(starts[row] < 0 ? "" : "+" + took(starts[row] / 1000), "n"),
        cell(took(seconds[row]), "n"),
        cell(attempts[row] ? String(attempts[row]) : "", "n"),
        cell(workerNames[workers[row]]),
        cell(noteOf(row)),
      );
      rows.push(made);
    }
    if (to < shown.length) rows.push(space((shown.length - to) * HEIGHT));
    body.replaceChildren(...rows);
  };

  let asked = 0;
  const soon = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => draw(false));
  };
  view.addEventListener("scroll", soon, {passive: true});
  addEventListener("resize", soon);
  for (const field of [search, byStatus, byTask]) field.addEventListener("input", choose);
  explorer.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  for (const head of heads) {
    head.querySelector("button").addEventListener("click", (event) => {
      const by = event.currentTarget.dataset.by;
      falling = sorted === by ? !falling : by === "seconds" || by === "attempts";
      sorted = by;
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falling ? "descending" : "ascending");
      choose();
    });
  }
  explorer.hidden = false;
  choose();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
