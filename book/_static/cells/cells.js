// The code cells of this page, to be run and changed where they stand.
// Nothing is fetched and nothing started before a reader shows an interest.
import { button, Cell, element } from "./cell.js";
import { load, place, save } from "./edits.js";
import { Python } from "./python.js";

const root = document.documentElement.dataset.content_root ?? "./";
const site = new URL(root, location.href);
const folder = decodeURI(
  new URL(".", location.href).pathname.slice(site.pathname.length),
);

class Page {
  constructor() {
    addTries();
    this.cells = findCells().map(
      ({ box, shown }, k) => new Cell(box, shown, k, this.reader(k)),
    );
    this.python = new Python(
      { site: site.href, folder },
      {
        begin: (cell) => this.begin(cell),
        output: (cell, kind, content) => this.cells[cell].show(kind, content),
        end: (cell, done) => this.end(cell, done),
        ready: () => this.tell(),
        dead: (why) => this.stopped(`Python could not go on. ${why}`),
      },
    );
    /** The cell whose button was pressed. @type {Cell | null} */
    this.target = null;
    this.total = 0;
    this.since = 0;
    this.timer = 0;
    this.status = element("div", "cells-status");
    this.status.setAttribute("role", "status");
    this.notice = element("p", "cells-notice");
    document.querySelector("article h1")?.after(this.notice);
    document.body.append(this.status);
    /** Edits of cells that a new edition no longer has: kept, not shown. */
    this.lost = load();
    this.restore();
  }

  /** @param {number} k */
  reader(k) {
    return {
      interest: () => this.python.wake(),
      run: () => this.run(k),
      stop: () => this.stop(),
      edit: () => this.edit(k),
      reset: () => this.reset([this.cells[k]]),
    };
  }

  /** Run a cell, and once those above it that it may build on. @param {number} k */
  run(k) {
    if (this.python.busy) return;
    const target = this.cells[k];
    const solution = target.box.matches(".tag_solution");
    const drawing = target.box.matches(".tag_drawing");
    const needed = this.cells.filter((cell, i) => {
      if (i >= k || this.python.ran.get(i) === cell.code) return i === k;
      if (cell.box.matches(".cells-try")) return false;
      return cell.computes || solution || (drawing && cell.box.matches(".tag_drawing"));
    });
    this.target = target;
    this.total = needed.length;
    this.since = performance.now();
    target.expect(true);
    this.timer = setInterval(() => this.tell(), 1000);
    this.announce(needed.length - 1);
    this.python.run(
      needed.map((cell) => ({ cell: this.cells.indexOf(cell), code: cell.code })),
    );
    this.tell();
  }

  /** @param {number} others how many cells run before the target */
  announce(others) {
    const before = others === 1 ? "one cell above it" : `${others} cells above it`;
    const start = this.python.ready ? "Running" : "Starting Python for";
    this.say(`${start} ${this.target?.name}${others ? ` and ${before}` : ""}.`);
  }

  /** @param {number} cell */
  begin(cell) {
    this.cells[cell].begin();
    this.tell();
  }

  /** Show how far the run is. */
  tell() {
    if (!this.target || !this.python.busy) return;
    const seconds = Math.floor((performance.now() - this.since) / 1000);
    const done = this.total - this.python.jobs.length;
    const what = this.python.ready
      ? `Cell ${done + 1} of ${this.total}`
      : "Starting Python";
    this.target.say(seconds > 1 ? `${what}, ${seconds} s` : what);
    if (this.total > 1) this.target.progress.value = done / this.total;
  }

  /** @param {number} k @param {boolean} done */
  end(k, done) {
    const cell = this.cells[k];
    cell.end(done);
    if (!done) {
      this.say(`${sentence(cell.name)} failed: ${lastLine(cell.out)}`);
      this.finish(cell === this.target ? "" : `${sentence(cell.name)} above failed`);
    } else if (cell === this.target) {
      this.say(`${sentence(cell.name)} has run.`);
      this.finish("");
    }
  }

  /** @param {string} note */
  finish(note) {
    clearInterval(this.timer);
    this.target?.expect(false);
    this.target?.say(note);
    this.target = null;
  }

  stop() {
    this.python.stop();
    this.stopped("Python was stopped.");
    this.python.wake(); // so that the next run need not wait for it
  }

  /** @param {string} why */
  stopped(why) {
    for (const cell of this.cells) cell.box.classList.remove("cells-busy");
    this.finish(why);
    this.say(why);
  }

  /** @param {string} text */
  say(text) {
    this.status.textContent = text;
  }

  /** @param {number} k */
  async edit(k) {
    const cell = this.cells[k];
    if (cell.editor) return this.leave(cell);
    const { edit } = await import("./editor.js");
    const fold = cell.pre.closest("details");
    if (fold) fold.open = true;
    const label = `Code of ${cell.name}. Shift+Enter runs it, Escape leaves it.`;
    cell.editor = edit(cell.pre, cell.code, label, {
      change: (code) => this.change(k, code),
      run: () => this.run(k),
      leave: () => this.leave(cell),
    });
    cell.refresh();
    cell.editor.focus();
  }

  /** @param {Cell} cell */
  leave(cell) {
    cell.editor?.close();
    cell.editor = null;
    if (!cell.edited) cell.pre.replaceChildren(...cell.printed);
    cell.refresh();
    cell.editButton.focus();
  }

  /** @param {number} k @param {string} code */
  change(k, code) {
    this.cells[k].code = code;
    this.cells[k].refresh();
    this.python.forget(k);
    this.keep();
  }

  /** @param {Cell[]} cells */
  reset(cells) {
    for (const cell of cells) {
      if (cell.edited) this.python.forget(this.cells.indexOf(cell));
      cell.reset();
      if (cells.length === 1) cell.editButton.focus();
    }
    this.keep();
    this.say(
      cells.length === 1
        ? `${sentence(cells[0].name)} is the book's again.`
        : "All cells are the book's again.",
    );
  }

  keep() {
    const edited = this.cells.filter((cell) => cell.edited);
    save([
      ...this.lost,
      ...edited.map(({ id, book, code }) => ({ id, from: book, code })),
    ]);
    this.notice.replaceChildren();
    if (!edited.length) return;
    const cells = edited.length === 1 ? "one cell" : `${edited.length} cells`;
    this.notice.append(
      `You have changed ${cells} of this page. `,
      button("Reset all", "Back to the book's code and output everywhere", () =>
        this.reset(this.cells),
      ),
    );
  }

  /** Put the edits of an earlier visit back. */
  async restore() {
    const edits = this.lost;
    if (!edits.length) return;
    const places = place(edits, this.cells);
    this.lost = edits.filter((_, i) => places[i] === undefined);
    const { paint } = await import("./editor.js");
    places.forEach((cell, i) => {
      if (cell === undefined) return;
      this.cells[cell].code = edits[i].code;
      paint(this.cells[cell].pre, edits[i].code);
      this.cells[cell].refresh();
    });
    this.keep();
  }
}

/** Find the cells with code; the figure of a folded drawing stands above its caption. */
function findCells() {
  /** @type {{ box: HTMLElement, shown: Element | null }[]} */
  const found = [];
  /** @type {Element | null} */
  let figure = null;
  for (const box of document.querySelectorAll("div.cell")) {
    const shown = box.querySelector(".cell_output");
    box.querySelector("summary")?.removeAttribute("aria-label"); // its words say more
    const code = box.querySelector(".cell_input pre");
    if (code && box instanceof HTMLElement) found.push({ box, shown: shown ?? figure });
    figure = code ? null : shown;
  }
  return found;
}

/** Give each exercise a cell of its own to answer it in. */
function addTries() {
  for (const exercise of document.querySelectorAll("div.exercise.admonition[id]")) {
    const code = element(
      "div",
      "highlight-ipython3 notranslate",
      element("div", "highlight", element("pre")),
    );
    const box = element("div", "cell cells-try", element("div", "cell_input", code));
    box.dataset.exercise = exercise.id;
    exercise.after(box);
  }
}

/** @param {string} name */
function sentence(name) {
  return name[0].toUpperCase() + name.slice(1);
}

/** @param {Element | null} out */
function lastLine(out) {
  return (out?.textContent ?? "").trimEnd().split("\n").at(-1) ?? "";
}

new Page();
