// What the figures are drawn and moved with: elements, knobs, charts, and their frame.

/** @typedef {import("./compute.js").Setting} Setting */
/** @typedef {Record<string, string | number | ((event: any) => void)>} Attributes */

/**
 * Dress an element: attributes, listeners (`onclick`) and children.
 * @template {Element} T
 * @param {T} node
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
function dress(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * Make an element of HTML.
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 */
export const html = (name, attributes = {}, ...children) =>
  dress(document.createElement(name), attributes, children);

/**
 * Make an element of SVG.
 * @template {keyof SVGElementTagNameMap} N
 * @param {N} name
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 */
export const svg = (name, attributes = {}, ...children) =>
  dress(
    document.createElementNS("http://www.w3.org/2000/svg", name),
    attributes,
    children,
  );

/** A number for people: three digits, or a power of ten. */
export function show(/** @type {number} */ value, digits = 3) {
  const size = Math.abs(value);
  if (size === 0 || !Number.isFinite(value)) return String(Math.abs(value));
  if (size < 1e5 && size >= 1e-3) return String(Number(value.toPrecision(digits)));
  return value
    .toExponential(Math.max(digits - 2, 0))
    .replace(/\.0+e/, "e")
    .replace("e+", "e");
}

/** A coordinate on the screen, to a tenth of a pixel. @param {number} value */
export const tenth = (value) => Math.round(value * 10) / 10;

/** A knob's value, to the digits that it shows. @param {number} value */
export const snap = (value) => Number(value.toPrecision(3));

/** The path through some points. @param {number[][]} points */
export const through = (points) =>
  points.map(([x, y], i) => `${i ? "L" : "M"}${tenth(x)} ${tenth(y)}`).join("");

/** A dot at each of some points, as one path. @param {number[][]} points */
export const dots = (points) =>
  points.map(([x, y]) => `M${tenth(x)} ${tenth(y)}h0`).join("");

/** The width of each drawing, so that no drag has to ask for it: that takes a layout. */
const widths = new WeakMap();
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) widths.set(target, contentRect.width);
});

/**
 * Let a drawing's units be CSS pixels, so that letters keep their size on a phone.
 * @param {SVGSVGElement} node
 * @param {number | ((width: number) => number)} high
 * @returns {[width: number, height: number]}
 */
export function sized(node, high) {
  if (!widths.has(node)) {
    widths.set(node, node.clientWidth);
    sizes.observe(node);
  }
  const width = Math.max(widths.get(node) || 560, 240);
  const height = typeof high === "number" ? high : Math.round(high(width));
  const box = `0 0 ${width} ${height}`;
  if (node.getAttribute("viewBox") !== box) {
    node.setAttribute("viewBox", box);
    node.style.height = `${height}px`;
  }
  return [width, height];
}

// --- Knobs --------------------------------------------------------------------------

/**
 * A knob: what it says, its range, and its scale ("log": powers of ten; "zero": the same,
 * but the lowest place is 0; "binary": powers of two, which only shift exponents).
 * @typedef {[label: string, low: number, high: number, step: number, scale?: string,
 *   unit?: string]} Knob
 */

/** @type {Record<string, Knob>} */
export const KNOBS = {
  angle: ["angle of the valley", 0, 90, 1, "", "°"],
  condition: ["condition number κ", 0, 3, 0.05, "log"],
  decay: ["decay γ", 0, 0.99, 0.01],
  chance: ["chance of the large gradient", 0.05, 0.5, 0.05],
  eps: ["ε", -12.25, 1, 0.25, "zero"],
  eta: ["rate η of RMSprop", -3, 0, 0.05, "log"],
  G0: ["start G₀", -4, 4, 0.1, "zero"],
  g: ["gradient", -3, 3, 0.25, "log"],
  h: ["curvature h", -2, 2, 0.1, "log"],
  rate: ["rate of gradient descent", -4, 0, 0.05, "log"],
  scale: ["loss multiplied by", -12, 12, 1, "binary"],
  size: ["size of the outlier", 0, 4, 0.1, "log"],
  steps: ["steps", 1, 500, 1],
};

/** From a slider's place to a knob's value. @param {Knob} knob @param {number} place */
export function valueOf([, low, , , scale], place) {
  if (scale === "binary") return 2 ** place;
  if (!scale) return place;
  return scale === "zero" && place === low ? 0 : snap(10 ** place);
}

/** The other way round. @param {Knob} knob @param {number} value */
export function placeOf([, low, , , scale], value) {
  if (scale === "binary") return Math.log2(value);
  return scale ? Math.max(Math.log10(value), low) : value;
}

// --- Charts --------------------------------------------------------------------------

/**
 * A line of a chart: a value a step, drawn in a color, dashed if it is predicted, or dots.
 * @typedef {{ values: number[], color: string, kind?: string, label?: string }} Line
 */

const LEFT = 52; // where a chart's lines begin

/** Lines over the steps. */
export class Chart {
  /**
   * @param {string} title
   * @param {{ log?: boolean, from?: number, height?: number }} [options]
   */
  constructor(title, { log = true, from = 0, height = 180 } = {}) {
    this.log = log;
    this.from = from; // the number of the first value
    this.height = height;
    this.ink = svg("g");
    this.stage = svg("svg", { "aria-hidden": "true" }, this.ink);
    this.node = html("div", { class: "chart" }, html("p", {}, title), this.stage);
    this.range = [0, 1];
    this.count = 2;
    this.width = 560;
  }

  /** Where step i lies. @param {number} i */
  x(i) {
    return LEFT + ((this.width - LEFT - 30) * i) / (this.count - 1);
  }

  /** Where a value lies. @param {number} value */
  y(value) {
    const [low, high] = this.range;
    if (this.log && value === 0) return NaN; // is not drawn
    const at = this.log ? Math.log10(value) : value;
    const part = (Math.min(Math.max(at, low), high) - low) / (high - low);
    return 8 + (this.height - 32) * (1 - part);
  }

  /**
   * @param {Line[]} lines
   * @param {{ floor?: number, top?: number, left?: string, right?: string,
   *   mark?: number }} [options] the least and the largest value that is shown, what
   *   stands under the ends, and a step with a dashed line
   */
  draw(lines, { floor = 1e-6, top = Infinity, left, right, mark } = {}) {
    [this.width] = sized(this.stage, this.height);
    this.count = Math.max(2, ...lines.map((one) => one.values.length));
    const all = lines
      .flatMap((one) => one.values)
      .filter((v) => v >= floor && v <= top);
    const most = Number.isFinite(top) ? top : Math.max(...all, 1e-12) * 1.05;
    this.range = this.log ? decades(all) : [0, most];
    const ends = [
      left ?? `step ${this.from}`,
      right ?? show(this.from + this.count - 1),
    ];
    const bottom = this.height - 24;
    const line = `M${tenth(this.x((mark ?? this.from) - this.from))} 8V${bottom}`;
    this.ink.replaceChildren(
      ...this.ticks(),
      svg("text", { x: LEFT, y: this.height - 6 }, ends[0]),
      svg("text", { x: this.width - 30, y: this.height - 6, class: "end" }, ends[1]),
      ...(mark === undefined ? [] : [svg("path", { class: "law", d: line })]),
      ...lines.flatMap((one) => this.line(one)),
    );
  }

  ticks() {
    const [low, high] = this.range;
    const step = this.log ? Math.ceil((high - low) / 4) : nice((high - low) / 3);
    const marks = [];
    for (let at = low; at <= high; at += step) {
      const value = this.log ? 10 ** at : at;
      const y = tenth(this.y(value));
      const text = svg("text", { x: LEFT - 6, y: y + 4, class: "end" }, show(value));
      marks.push(
        svg("path", { class: "pale", d: `M${LEFT} ${y}H${this.width - 30}` }),
        text,
      );
    }
    return marks;
  }

  /** @param {Line} line */
  line({ values, color, kind = "run", label = "" }) {
    const every = Math.max(1, Math.floor(values.length / 400)); // no screen shows more
    const last = values.length - 1;
    const points = [];
    for (const [i, value] of values.entries()) {
      const y = i % every && i < last ? NaN : this.y(value);
      if (Number.isFinite(y)) points.push([this.x(i), y]);
    }
    const d = kind === "dots" ? dots(points) : through(points);
    const path = svg("path", { class: `${kind} ${color}`, d });
    if (!label || !points.length) return [path];
    const [x, y] = points[points.length - 1];
    return [
      path,
      svg("text", { x: tenth(x) + 4, y: tenth(y) + 4, class: color }, label),
    ];
  }
}

/** The powers of ten that enclose some values. @param {number[]} values */
function decades(values) {
  const logs = values.filter((v) => v > 0).map(Math.log10);
  if (!logs.length) return [-1, 1];
  const low = Math.floor(Math.min(...logs) - 0.01);
  return [low, Math.max(Math.ceil(Math.max(...logs) + 0.01), low + 1)];
}

/** A round step near a given one. @param {number} step */
function nice(step) {
  const unit = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].map((n) => n * unit).find((n) => n >= step) ?? step;
}

// --- The frame of every figure ----------------------------------------------------------

/** A figure to touch. A kind of figure says what it is, what it builds and draws. */
export class Figure extends HTMLElement {
  /** What the figure is, for those who do not see it. */
  label = "A figure to touch";
  /** @type {Setting} */
  defaults = {};
  /** @type {string[]} */
  knobs = [];
  /** @type {Setting} */
  p = {};

  connectedCallback() {
    if (this.classList.contains("alive")) return;
    this.preset = { ...this.defaults, ...JSON.parse(this.dataset.preset ?? "{}") };
    this.p = { ...this.preset };
    this.knobs = this.dataset.knobs?.split(" ") ?? this.knobs;
    /** @type {(() => void)[]} */
    this.tellers = [];
    this.due = 0;
    this.words = html("p", { class: "say", "aria-hidden": "true" });
    this.voice = html("p", { class: "voice", role: "status" });
    this.box = html("div", { class: "box", role: "group", "aria-label": this.label });
    this.box.append(...this.question(), ...this.build(), this.words, this.voice);
    this.box.append(
      html("div", { class: "knobs" }, ...this.knobs.map((n) => this.slider(n))),
    );
    this.box.append(html("div", { class: "bar" }, ...this.buttons()));
    this.box.append(...this.below());
    this.prepend(this.box);
    this.classList.add("alive");
    this.tell();
    this.draw();
    new ResizeObserver(() => this.set({})).observe(this.box);
  }

  /** The parts that are drawn in. @returns {Node[]} */
  build() {
    return [];
  }

  /** What comes after the knobs. @returns {Node[]} */
  below() {
    return [];
  }

  /** Compute and draw. */
  draw() {}

  /** @returns {Node[]} */
  buttons() {
    return [this.button("Reset", () => this.set({ ...this.preset }))];
  }

  /** @param {string} text @param {() => void} press */
  button(text, press) {
    return html("button", { type: "button", onclick: press }, text);
  }

  /** A prediction to make first; the answer unfolds. */
  question() {
    const { question, answer } = this.dataset;
    if (!question || !answer) return [];
    const ask = html("summary", {}, html("b", {}, "Predict first. "), question);
    return [html("details", { class: "ask" }, ask, html("p", {}, answer))];
  }

  /** Change the setting; it is drawn once before the next picture of the screen. */
  set(/** @type {Setting} */ change) {
    Object.assign(this.p, change);
    this.tell();
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.draw();
    });
  }

  tell() {
    this.tellers?.forEach((teller) => teller());
  }

  /** Say what is seen; a screen reader hears it when the hand rests. */
  say(/** @type {string} */ text) {
    if (this.words) this.words.textContent = text;
    clearTimeout(this.later);
    this.later = setTimeout(() => {
      if (this.voice) this.voice.textContent = text;
    }, 700);
  }

  /** @param {string} name */
  slider(name) {
    const knob = KNOBS[name];
    const [label, low, high, step, , unit = ""] = knob;
    const output = html("output");
    const input = html("input", {
      ...{ type: "range", min: low, max: high, step, name },
      oninput: () => this.set({ [name]: valueOf(knob, input.valueAsNumber) }),
    });
    this.tellers?.push(() => {
      const text = show(this.p[name]) + unit;
      const place = String(placeOf(knob, this.p[name]));
      if (Number(input.value) !== Number(place)) input.value = place;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    });
    return html("label", {}, label, output, input);
  }
}
