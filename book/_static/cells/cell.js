// One code cell of the page: its code, its buttons, and what it shows.
/**
 * @typedef {object} Reader what a reader may do with a cell
 * @property {() => void} interest
 * @property {() => void} run
 * @property {() => void} stop
 * @property {() => void} edit
 * @property {() => void} reset
 */

const RUN = "Run this cell; those above it run first, once";
const TEXTS = new Map([
  ["stdout", "stream"],
  ["stderr", "stream stderr"],
  ["text/plain", "text_plain"],
  ["error", "traceback"],
]);

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name @param {string} className @param {(string | Node)[]} content
 */
export function element(name, className = "", ...content) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...content);
  return made;
}

/** @param {string} text @param {string} label @param {() => void} act */
export function button(text, label, act) {
  const made = element("button", "cells-button", text);
  made.type = "button";
  made.title = label;
  made.addEventListener("click", act);
  return made;
}

export class Cell {
  /**
   * @param {HTMLElement} box @param {Element | null} shown what the book shows below it
   * @param {number} number @param {Reader} reader
   */
  constructor(box, shown, number, reader) {
    const pre = box.querySelector(".cell_input pre");
    if (!(pre instanceof HTMLElement)) throw new Error("a cell without code");
    this.box = box;
    this.pre = pre;
    this.name = `cell ${number + 1}`;
    this.printed = [...pre.childNodes];
    this.book = (pre.textContent ?? "").replace(/\n$/, "");
    this.code = this.book;
    this.id = box.dataset.exercise ?? "";
    this.shown = shown;
    /** @type {HTMLElement | null} */
    this.out = null;
    this.stale = false;
    /** @type {{ focus(): void, close(): void } | null} */
    this.editor = null;
    this.runs = false;
    this.runButton = button("▶ Run", RUN, () =>
      this.runs ? reader.stop() : reader.run(),
    );
    this.editButton = button("Edit", "Edit the code of this cell", reader.edit);
    this.resetButton = button(
      "Reset",
      "Back to the book's code and output",
      reader.reset,
    );
    this.resetButton.setAttribute("aria-label", `Reset: ${this.name}`);
    this.note = element("span", "cells-note");
    this.progress = element("progress");
    this.progress.setAttribute("aria-label", `Progress of ${this.name}`);
    this.bar = element("div", "cells-bar", this.note, this.progress);
    this.bar.append(this.resetButton, this.editButton, this.runButton);
    this.placeBar();
    listen(this.bar, reader.interest);
    this.expect(false);
    this.refresh();
  }

  /** Whether later cells may need what this one computes. */
  get computes() {
    return !this.box.matches(".tag_drawing, .tag_solution, .cells-try");
  }

  placeBar() {
    const input = this.box.querySelector(".cell_input");
    const fold = input?.closest("details");
    const inside = fold?.contains(this.shown) || this.box.matches(".tag_hide-cell");
    (fold && !inside ? fold : input)?.after(this.bar);
  }

  get edited() {
    return this.code !== this.book;
  }

  refresh() {
    this.resetButton.hidden = !this.edited && !this.out;
    this.box.classList.toggle("cells-edited", this.edited);
    const answer = this.id !== "";
    this.runButton.hidden = answer && !this.edited;
    const edit = answer && !this.edited ? "Write your answer" : "Edit";
    const text = this.editor ? "Done" : edit;
    this.editButton.textContent = text;
    this.editButton.setAttribute("aria-label", `${text}: ${this.name}`);
    this.box.classList.toggle("cells-empty", answer && !this.edited && !this.editor);
  }

  /** Show that a run up to this cell is on its way, or over. @param {boolean} runs */
  expect(runs) {
    this.runs = runs;
    this.runButton.textContent = runs ? "■ Stop" : "▶ Run";
    this.runButton.title = runs ? "Stop Python" : RUN;
    this.runButton.setAttribute("aria-label", `${runs ? "Stop" : "Run"}: ${this.name}`);
    this.progress.hidden = !runs;
    this.progress.removeAttribute("value");
    if (!runs) this.say("");
  }

  /** @param {string} text */
  say(text) {
    this.note.textContent = text;
  }

  /** The old output stays until there is a new one, so that the page does not jump. */
  begin() {
    this.stale = true;
    this.box.classList.add("cells-busy");
  }

  /** @param {boolean} done whether it came to its end */
  end(done) {
    if (done && this.stale && (this.out || this.shown)) this.output(); // it shows none
    this.stale = false;
    for (const part of this.out?.querySelectorAll("pre, .text_html") ?? []) {
      const wide = part.scrollWidth > part.clientWidth;
      if (wide && part instanceof HTMLElement) part.tabIndex = 0; // the keys scroll it
    }
    this.box.classList.remove("cells-busy");
    this.refresh();
  }

  /** Return where this run's output goes; it replaces that of the run before. */
  output() {
    if (!this.out) {
      this.out = element("div", "cell_output docutils container cells-output");
      this.out.dataset.of = this.name;
      const touched = this.shown?.closest("[data-figure]"); // stays: one can play with it
      (touched ?? this.shown ?? this.bar).after(this.out);
      if (!touched) this.shown?.setAttribute("hidden", "");
    }
    if (this.stale) this.out.replaceChildren();
    this.stale = false;
    return this.out;
  }

  /** @param {string} kind @param {any} content */
  show(kind, content) {
    const out = this.output();
    if (kind === "image/png") out.append(this.image(out, content));
    else if (kind === "text/html") {
      const table = element("div", "output text_html");
      table.innerHTML = content;
      out.append(table);
    } else write(out, kind, content);
  }

  /** @param {Element} out @param {Uint8Array<ArrayBuffer>} bytes */
  image(out, bytes) {
    const image = element("img");
    const before = out.querySelectorAll("img").length;
    const printed = this.shown?.querySelectorAll("img")[before];
    image.alt = (!this.edited && printed?.alt) || "The figure that this cell draws";
    image.src = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
    image.addEventListener("load", () => URL.revokeObjectURL(image.src));
    return image;
  }

  /** Back to the page as it was printed. */
  reset() {
    this.code = this.book;
    this.editor?.close();
    this.editor = null;
    this.pre.replaceChildren(...this.printed);
    this.out?.remove();
    this.out = null;
    this.shown?.removeAttribute("hidden");
    this.refresh();
  }
}

/** @param {Element} out @param {string} kind @param {string} text */
function write(out, kind, text) {
  const last = out.lastElementChild;
  const goesOn = last instanceof HTMLElement && last.dataset.kind === kind;
  let pre = goesOn ? last.querySelector("pre") : null;
  if (!pre) {
    pre = element("pre");
    const box = element(
      "div",
      `output ${TEXTS.get(kind)} highlight-myst-ansi notranslate`,
    );
    box.dataset.kind = kind;
    box.append(element("div", "highlight", pre));
    out.append(box);
  }
  pre.append(text);
}

/** Call at the first sign that a reader wants something. @param {Element} bar @param {() => void} interest */
function listen(bar, interest) {
  let timer = 0;
  bar.addEventListener("pointerenter", () => {
    timer = setTimeout(interest, 100); // and not when the mouse only passes
  });
  bar.addEventListener("pointerleave", () => clearTimeout(timer));
  bar.addEventListener("focusin", interest);
  bar.addEventListener("touchstart", interest, { passive: true });
}
