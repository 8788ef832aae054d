// Carry a setting of one framework to another, as `rmsprop.frameworks.translate` does.
//
// What the frameworks call things, and their defaults, comes from the package, in
// translations.json; tests/test_figures.py compares what is said here with the package.

/** @typedef {number | boolean | null} Value */
/** @typedef {Record<string, Value>} Values */

/**
 * One framework: arguments are [word, knob, default], without a default if there is none.
 * @typedef {object} Convention
 * @property {string} title
 * @property {string} version
 * @property {[word: string, knob: string, value?: Value][]} arguments
 * @property {Values} fixed
 * @property {Record<string, string>} derived
 */

/**
 * What the package says: its frameworks, the defaults of the knobs, and a report for each
 * pair of frameworks at their defaults.
 * @typedef {object} Table
 * @property {Record<string, Convention>} conventions
 * @property {Values} defaults
 * @property {Record<string, number>} given
 * @property {Record<string, Record<string, string>>} reports
 */

/** Knobs that follow from others. @type {Record<string, (all: Values) => Value>} */
const DERIVED = {
  _with_momentum: (all) => Number(all.momentum) > 0,
  _centered: (all) => all.centered,
  _eps: (all) => all.eps,
  _eps_not_zero: (all) => all.eps || 1e-7,
  _momentum_if_centered: (all) => (all.centered ? all.momentum : 0),
};

/** Knobs that do nothing where another one is 0. @type {Record<string, string>} */
const ACTS_WITH = {
  eps_inside: "eps",
  eps_maximum: "eps",
  initial_mean_square: "decay",
  rate_in_buffer: "momentum",
  nesterov: "momentum",
  bias_correction: "decay",
  decoupled: "weight_decay",
};

/**
 * All knobs for a setting in a framework's own words.
 * @param {Table} table
 * @param {string} framework
 * @param {Values} words
 */
export function knobs(table, framework, words) {
  const { arguments: known, fixed, derived } = table.conventions[framework];
  /** @type {Values} */
  const values = {};
  for (const [word, knob, value = null] of known) {
    values[knob] = values[knob] || (word in words ? words[word] : value) || 0;
    if (typeof table.defaults[knob] === "boolean") values[knob] = Boolean(values[knob]);
  }
  Object.assign(values, fixed);
  const follow = Object.entries(derived).map(([knob, name]) => [
    knob,
    DERIVED[name](values),
  ]);
  return { ...table.defaults, ...values, ...Object.fromEntries(follow) };
}

/** The first word of a framework for a knob. @param {Convention} to @param {string} knob */
const wordFor = (to, knob) =>
  to.arguments.find((argument) => argument[1] === knob)?.[0];

/**
 * What to write in another framework, how good that is, and which knobs differ.
 * @param {Table} table
 * @param {Values} asked all knobs
 * @param {string} name
 */
export function translate(table, asked, name) {
  const to = table.conventions[name];
  const words = nearest(asked, to);
  let found = knobs(table, name, words);
  const eps = wordFor(to, "eps");
  if (eps && asked.eps_inside !== found.eps_inside) {
    words[eps] = sameFloor(asked);
    found = knobs(table, name, words);
  }
  const differ = differences(asked, found);
  if (differ.includes("decoupled")) {
    delete words[String(wordFor(to, "weight_decay"))];
    found = { ...found, weight_decay: 0 };
  }
  const text = `${to.title} (${to.version}), ${status(asked, found)}:`;
  return { text: `${text}\n${written(words, eps, asked, found)}`, differ };
}

/** The arguments: three that everyone has, and what differs from the defaults there. */
function nearest(/** @type {Values} */ asked, /** @type {Convention} */ to) {
  /** @type {Values} */
  const words = {};
  for (const [word, knob, ...given] of to.arguments) {
    const value = asked[knob];
    const unset = given.length > 0 && Number(value) === Number(given[0]);
    const always = ["learning_rate", "decay", "eps"].includes(knob);
    if (always || (!unset && word === wordFor(to, knob))) words[word] = value;
  }
  return words;
}

/** The eps on the other side of the root that keeps the floor. @param {Values} asked */
function sameFloor({ eps, eps_inside: inside }) {
  if (inside) return Math.sqrt(Number(eps));
  const [digits, power = "0"] = Number(eps).toExponential().split("e");
  const [whole, rest = ""] = digits.split(".");
  const square = BigInt(whole + rest) ** 2n; // of the number as it is written
  return Number(`${square}e${2 * (Number(power) - rest.length)}`);
}

/** The knobs that differ, without those that are idle on one side. */
export function differences(/** @type {Values} */ a, /** @type {Values} */ b) {
  return Object.keys(a).filter((knob) => {
    const other = ACTS_WITH[knob];
    const idle = other && (Number(a[other]) === 0 || Number(b[other]) === 0);
    return !idle && a[knob] !== b[knob];
  });
}

/** The denominator where no gradient was seen. @param {Values} all */
const floor = ({ eps, eps_inside: inside }) =>
  Number((inside ? Math.sqrt(Number(eps)) : Number(eps)).toPrecision(12));

/** How near two settings are. @param {Values} a @param {Values} b */
function status(a, b) {
  const differ = differences(a, b);
  if (!differ.length) return "exact";
  const near = ["eps", "eps_inside", "eps_maximum", "rate_in_buffer"];
  if (differ.some((knob) => !near.includes(knob)) || floor(a) !== floor(b)) {
    return "different";
  }
  if (!differ.includes("rate_in_buffer")) return "same floor";
  const place = differ.includes("eps_inside") || differ.includes("eps_maximum");
  return place ? "same floor at a constant rate" : "same at a constant rate";
}

/** The arguments as one would type them. */
function written(
  /** @type {Values} */ words,
  /** @type {string | undefined} */ eps,
  /** @type {Values} */ asked,
  /** @type {Values} */ found,
) {
  let about = "";
  const texts = Object.entries(words).map(([word, value]) => {
    const number = Number(value);
    const root = word === eps && asked.eps_inside && !found.eps_inside;
    const short = !root || number === Number(number.toPrecision(12));
    if (short) return `${word}=${repr(value)}`;
    about = `  # ${word} is about ${general(number, 3)}`;
    return `${word}=${repr(asked.eps)}**0.5`;
  });
  return `  ${texts.join(", ")}${about}`;
}

/** A value as Python writes it. @param {Value} value */
export function repr(value) {
  if (typeof value === "boolean") return value ? "True" : "False";
  const number = Number(value);
  const power = Number(number.toExponential().split("e")[1]);
  if (power < -4 || power >= 16) return exponent(number.toExponential());
  return Number.isInteger(number) ? `${number}.0` : plain(number);
}

/** Python's format "g". @param {number} value @param {number} digits */
export function general(value, digits) {
  const text = value.toExponential(digits - 1);
  const power = Number(text.split("e")[1]);
  if (power >= -4 && power < digits) return plain(Number(text));
  return exponent(text.replace(/\.?0*e/, "e"));
}

/** Digits without an exponent: JavaScript has none above 1e-7. @param {number} value */
const plain = (value) => String(value);

/** "1e-7" as "1e-07". @param {string} text */
const exponent = (text) => text.replace(/e([+-])(\d)$/, "e$10$2");
