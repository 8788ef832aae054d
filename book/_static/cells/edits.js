// What a reader has changed on this page, kept by the browser.
/**
 * @typedef {{ id: string, from: string, code: string }} Edit the exercise that it answers
 *   or nothing, the book's code and the reader's
 * @typedef {{ id: string, book: string }} Original
 */

const KEY = `rmsprop cells ${location.pathname}`;

/** @returns {Edit[]} */
export function load() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return []; // no storage, as in a private window, or not ours
  }
}

/** @param {Edit[]} edits */
export function save(edits) {
  try {
    if (edits.length) localStorage.setItem(KEY, JSON.stringify(edits));
    else localStorage.removeItem(KEY);
  } catch {
    // without storage an edit lasts as long as the page
  }
}

/**
 * Find the cell that each edit belongs to: the one with the code that was edited, or, in
 * a new edition of the book, the one that has most lines in common with it.
 * @param {Edit[]} edits @param {Original[]} cells those of the page
 * @returns {(number | undefined)[]} a cell for each edit; undefined if there is none
 */
export function place(edits, cells) {
  /** @type {Set<number>} */
  const taken = new Set();
  const take = (/** @type {number} */ cell) => {
    if (cell < 0) return undefined;
    taken.add(cell);
    return cell;
  };
  const exact = edits.map(({ id, from }) =>
    take(cells.findIndex((cell, i) => same(cell, id, from) && !taken.has(i))),
  );
  return edits.map(({ id, from }, i) => {
    if (id || exact[i] !== undefined) return exact[i];
    return take(nearest(from, cells, taken));
  });
}

/** @param {Original} cell @param {string} id @param {string} from */
function same(cell, id, from) {
  return cell.id === id && (id !== "" || cell.book === from);
}

/** @param {string} from @param {Original[]} cells @param {Set<number>} taken */
function nearest(from, cells, taken) {
  const shares = cells.map((cell, i) =>
    taken.has(i) || cell.id ? 0 : share(from, cell.book),
  );
  const best = Math.max(...shares);
  return best >= 0.3 ? shares.indexOf(best) : -1;
}

/** The share of lines that two texts have in common. @param {string} a @param {string} b */
function share(a, b) {
  const lines = new Set(a.split("\n"));
  const others = new Set(b.split("\n"));
  const common = [...lines].filter((line) => others.has(line)).length;
  return common / (lines.size + others.size - common);
}
