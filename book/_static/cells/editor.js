// A cell's code to write in: a plain field of text over its own colored copy.
// Tab leaves it, as it leaves any field; Ctrl+] and Ctrl+[ move lines in and out.
const INDENT = "    ";
const KEYWORDS =
  "and as assert async await break class continue def del elif else except finally for " +
  "from global if import in is lambda nonlocal not or pass raise return try while with yield";
const TOKENS = new RegExp(
  [
    /(?<c1>#.*)/,
    /(?<s1>[rfb]{0,2}(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))/,
    /(?<mi>\b\d[\d_]*\.?\d*(?:e[+-]?\d+)?\b)/,
    /(?<kc>\b(?:True|False|None)\b)/,
    new RegExp(`(?<k>\\b(?:${KEYWORDS.replaceAll(" ", "|")})\\b)`),
    /(?<o>[-+*/%@=<>&|^~]+)/,
  ]
    .map((token) => token.source)
    .join("|"),
  "g",
);

/** Show Python in the colors of the page. @param {Element} pre @param {string} code */
export function paint(pre, code) {
  const parts = [];
  let end = 0;
  for (const match of code.matchAll(TOKENS)) {
    const [name] = Object.entries(match.groups ?? {}).find(([, text]) => text) ?? [""];
    const token = document.createElement("span");
    token.className = name;
    token.textContent = match[0];
    parts.push(code.slice(end, match.index), token);
    end = match.index + match[0].length;
  }
  pre.replaceChildren(...parts, `${code.slice(end)}\n`);
}

/**
 * Lay a field over a cell's code.
 * @param {HTMLElement} pre @param {string} code @param {string} label
 * @param {{ change(code: string): void, run(): void, leave(): void }} act
 */
export function edit(pre, code, label, act) {
  const field = document.createElement("textarea");
  Object.assign(field, { value: code, spellcheck: false, wrap: "off", rows: 1 });
  field.className = "cells-field";
  field.autocapitalize = "off";
  field.setAttribute("autocomplete", "off");
  field.setAttribute("aria-label", label);
  field.addEventListener("input", () => {
    paint(pre, field.value);
    act.change(field.value);
  });
  field.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the site has "/" and the arrows for itself
    const handled = key(field, event, act);
    if (handled) event.preventDefault();
  });
  paint(pre, code);
  pre.classList.add("cells-under");
  pre.after(field);
  return {
    focus: () => field.focus(),
    close() {
      pre.classList.remove("cells-under");
      field.remove();
    },
  };
}

/**
 * @param {HTMLTextAreaElement} field @param {KeyboardEvent} event
 * @param {{ run(): void, leave(): void }} act
 * @returns {boolean} whether the key has been dealt with
 */
function key(field, event, act) {
  const control = event.ctrlKey || event.metaKey;
  if (event.key === "Enter" && (event.shiftKey || control)) act.run();
  else if (event.key === "Enter" && !event.isComposing) insert(field, lineBreak(field));
  else if (event.key === "Escape") act.leave();
  else if (control && event.key === "]") move(field, (line) => INDENT + line);
  else if (control && event.key === "[") move(field, outdent);
  else return false;
  return true;
}

/** @param {string} line */
function outdent(line) {
  return line.replace(/^ {1,4}/, "");
}

/** A new line as deep as this one, deeper after a colon. @param {HTMLTextAreaElement} field */
function lineBreak(field) {
  const line = field.value.slice(0, field.selectionStart).split("\n").at(-1) ?? "";
  const [depth] = line.match(/^ */) ?? [""];
  return `\n${depth}${line.trimEnd().endsWith(":") ? INDENT : ""}`;
}

/** Insert as if typed, so that it can be undone. @param {HTMLTextAreaElement} field @param {string} text */
function insert(field, text) {
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input"));
}

/** Change the chosen lines. @param {HTMLTextAreaElement} field @param {(line: string) => string} change */
function move(field, change) {
  const { value, selectionStart, selectionEnd } = field;
  const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const next = value.indexOf("\n", selectionEnd);
  const to = next < 0 ? value.length : next;
  const text = value.slice(from, to).split("\n").map(change).join("\n");
  field.setSelectionRange(from, to);
  insert(field, text);
  if (selectionStart === selectionEnd) {
    const place = Math.max(from, selectionStart + text.length - (to - from));
    field.setSelectionRange(place, place);
  } else field.setSelectionRange(from, from + text.length);
}
