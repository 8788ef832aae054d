// <rmsprop-valley>: methods in a valley whose start you drag.
import { descended, distance, settled, valley } from "./compute.js";
import {
  Chart,
  Figure,
  dots,
  html,
  show,
  sized,
  snap,
  svg,
  tenth,
  through,
} from "./draw.js";

/** @typedef {import("./compute.js").Run} Run */
/** @typedef {import("./draw.js").Line} Line */
/** @typedef {keyof typeof import("./compute.js").RULES} Method */

/** @type {Record<Method, string>} */
const NAMES = {
  GradientDescent: "gradient descent",
  Momentum: "momentum",
  RMSprop: "RMSprop",
  Adam: "Adam",
};
/** @type {Record<string, number[]>} */
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
const LENS = 96; // the size of the lens, in pixels

export class Valley extends Figure {
  label = "Methods in a valley. Choose the start and turn the knobs.";
  defaults = {
    ...{ condition: 20, angle: 0, scale: 1, rate: 0.09, eta: 0.1, decay: 0.9 },
    ...{ eps: 1e-8, steps: 20, x: 2, y: 1 },
  };
  /** @type {Partial<Record<Method, Run>>} */
  runs = {};
  /** @type {Set<string>} */
  methods = new Set();

  /** Put the start where the pointer is. */
  move = (/** @type {PointerEvent} */ event) => {
    const frame = this.plane.getBoundingClientRect();
    const unit = (2 * this.span) / frame.width;
    const x = (event.clientX - frame.left - frame.width / 2) * unit;
    const y = (frame.top + frame.height / 2 - event.clientY) * unit;
    this.set({ x: snap(x), y: snap(y) });
  };

  press = (/** @type {PointerEvent} */ event) => {
    this.plane.setPointerCapture(event.pointerId);
    this.handle.focus({ preventScroll: true });
    this.move(event);
  };

  key = (/** @type {KeyboardEvent} */ event) => {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const by = event.shiftKey ? 0.5 : 0.1;
    this.set({ x: snap(this.p.x + by * way[0]), y: snap(this.p.y + by * way[1]) });
  };

  plane = svg("svg", {
    ...{ class: "plane", role: "group", "aria-label": "The valley from above" },
    ...{ onpointerdown: this.press },
    onpointermove: (event) => event.buttons && this.move(event),
  });
  handle = svg("circle", {
    ...{ class: "handle", r: 11, tabindex: 0, role: "slider", onkeydown: this.key },
    ...{ "aria-valuemin": -9, "aria-valuemax": 9 },
    "aria-label": "start; the arrow keys move it",
  });
  ink = svg("g");
  rings = Array.from({ length: 12 }, () => svg("ellipse", { class: "pale" }));
  hills = svg("g", {}, ...this.rings);
  /** @type {Record<string, Chart>} */
  charts = {
    far: new Chart("distance to the minimum; dashed: predicted"),
    divisors: new Chart("√Gᵢ/η of RMSprop; dashed: ½ Σ|Hᵢⱼ|", { from: 1 }),
    rates: new Chart("effective rate η/√(Gᵢ+ε); dashed: where it ends", { from: 1 }),
  };

  build() {
    this.methods = new Set(
      (this.dataset.methods ?? "GradientDescent RMSprop").split(" "),
    );
    this.parts = (this.dataset.parts ?? "far").split(" ");
    this.span = Number(this.dataset.span ?? 2.5); // half the width, in units of theta
    this.plane.append(this.hills, this.ink, this.handle);
    return [this.legend(), this.plane];
  }

  below() {
    const charts = Object.entries(this.charts).filter(([name]) => this.has(name));
    return [html("div", { class: "charts" }, ...charts.map(([, chart]) => chart.node))];
  }

  /** @param {string} part */
  has(part) {
    return this.parts?.includes(part);
  }

  /** The names of the methods; in the playground they can be switched. */
  legend() {
    const names = /** @type {Method[]} */ (Object.keys(NAMES));
    if (!this.has("switches")) {
      const on = names.filter((name) => this.methods.has(name));
      const words = on.map((name) =>
        html("span", { class: `key ${name}` }, NAMES[name]),
      );
      return html("div", { class: "bar" }, ...words, HINT);
    }
    return html("div", { class: "bar" }, ...names.map((name) => this.switch(name)));
  }

  /** @param {Method} name */
  switch(name) {
    const box = html("input", {
      ...{ type: "checkbox", name },
      onchange: () => {
        this.methods[box.checked ? "add" : "delete"](name);
        this.set({});
      },
    });
    this.tellers?.push(() => (box.checked = this.methods.has(name)));
    return html(
      "label",
      { class: "key" },
      box,
      html("span", { class: name }, NAMES[name]),
    );
  }

  buttons() {
    const { condition, scale } = this.p;
    if (!this.knobs.includes("rate")) return super.buttons();
    const best = this.button("Best rate for gradient descent", () =>
      this.set({ rate: snap(2 / (1 + this.p.condition) / this.p.scale) }),
    );
    return condition && scale ? [best, ...super.buttons()] : super.buttons();
  }

  /** From theta to the screen. @param {number[]} theta */
  at = ([x, y]) => [this.width / 2 + this.unit * x, this.high / 2 - this.unit * y];
  width = 560;
  high = 300;
  unit = 112;
  span = 2.5;

  draw() {
    const { p } = this;
    [this.width, this.high] = sized(this.plane, (width) => 0.56 * width);
    this.unit = this.width / (2 * this.span);
    this.runs = {};
    for (const name of /** @type {Method[]} */ (Object.keys(NAMES))) {
      if (this.methods.has(name)) this.runs[name] = valley(p, name);
    }
    this.drawHills();
    this.ink.replaceChildren(...this.paths(), ...this.cycle());
    const [x, y] = this.at([p.x, p.y]).map(tenth);
    this.handle.setAttribute("cx", String(x));
    this.handle.setAttribute("cy", String(y));
    this.handle.setAttribute("aria-valuenow", String(p.x));
    this.handle.setAttribute(
      "aria-valuetext",
      `${show(p.x)}, ${show(p.y)}`.replace("-", "−"),
    );
    this.drawCharts();
    this.say(this.seen());
  }

  /** Lines of equal loss are ellipses: one for each twelfth of the root of the loss. */
  drawHills() {
    const { condition, angle } = this.p;
    const middle = `translate(${this.width / 2},${this.high / 2})`;
    this.hills.setAttribute("transform", `${middle} rotate(${-angle})`);
    this.rings.forEach((ring, i) => {
      const radius =
        (this.unit * this.span * 1.2 * (i + 1) * Math.sqrt(condition)) / 12;
      ring.setAttribute("rx", String(tenth(radius)));
      ring.setAttribute("ry", String(tenth(radius / Math.sqrt(condition))));
    });
  }

  paths() {
    const [x, y] = this.at([0, 0]);
    const cross = svg("path", {
      class: "axis",
      d: `M${x - 6} ${y}h12M${x} ${y - 6}v12`,
    });
    const shown = Object.entries(this.runs).flatMap(([name, run]) => {
      const lost = run.theta.findIndex(
        (theta) => Math.max(...theta.map(Math.abs)) > 1e4,
      );
      const points = run.theta.slice(0, lost < 0 ? undefined : lost).map(this.at);
      const path = svg("path", { class: `run ${name}`, d: through(points) });
      const few = points.length <= 80 ? points : points.slice(-1);
      return [path, svg("path", { class: `dots ${name}`, d: dots(few) })];
    });
    return [cross, ...shown];
  }

  /** The box of half-width eta/2 in which RMSprop ends, and a lens on the last steps. */
  cycle() {
    if (!this.runs.RMSprop || !this.has("lens")) return [];
    const { half } = settled(this.p);
    const zoom = (0.3 * LENS) / half;
    const middle = LENS / 2;
    const near = this.runs.RMSprop.theta.slice(-40).map(([x, y]) => {
      const place = [middle + zoom * x, middle - zoom * y];
      return place.map((v) => Math.min(Math.max(v, -LENS), 2 * LENS));
    });
    const [low, side] = [middle - zoom * half, 2 * zoom * half];
    const lens = svg(
      "svg",
      { x: 6, y: this.high - LENS - 6, width: LENS, height: LENS, class: "lens" },
      svg("rect", { class: "glass", width: LENS, height: LENS }),
      svg("rect", { class: "law", x: low, y: low, width: side, height: side }),
      svg("path", { class: "run RMSprop", d: through(near) }),
      svg("path", { class: "dots RMSprop", d: dots(near) }),
    );
    const title = svg(
      "text",
      { x: 6, y: this.high - LENS - 12 },
      "the last 40, enlarged",
    );
    return [lens, title];
  }

  drawCharts() {
    const { p, charts } = this;
    const { half, divisors } = settled(p);
    const steps = Array.from({ length: p.steps + 1 }, (_, t) => t);
    const squares = this.runs.RMSprop?.state ?? [];
    /** @type {(values: number[], color: string, label?: string) => Line} */
    const law = (values, color, label) => ({ values, color, kind: "law", label });
    if (this.has("far")) {
      const lines = Object.entries(this.runs).map(([color, run]) => ({
        ...{ color, values: run.theta.map(distance) },
      }));
      const ends = steps.map(() => half * Math.SQRT2);
      const falls = steps.map((t) => descended(p, t));
      const laws = [];
      if (this.runs.RMSprop) laws.push(law(ends, "ink"));
      if (this.runs.GradientDescent) laws.push(law(falls, "ink"));
      charts.far.draw([...lines, ...laws], { top: 1e4 });
    }
    for (const name of ["divisors", "rates"].filter((part) => this.has(part))) {
      const rates = name === "rates";
      const lines = [0, 1].flatMap((i) => {
        const G = squares.map((state) => state[i][0]);
        const run = G.map((square) =>
          rates ? p.eta / Math.sqrt(square + p.eps) : Math.sqrt(square) / p.eta,
        );
        const end = rates ? 1 / divisors[i] : divisors[i];
        const color = i ? "ink" : "RMSprop";
        return [
          { values: run, color, label: "θ" + "₁₂"[i] },
          law(
            run.map(() => end),
            color,
          ),
        ];
      });
      charts[name].draw(lines, { floor: 1e-30 });
    }
  }

  /** What is seen, in words. */
  seen() {
    const { p } = this;
    const words = Object.entries(this.runs).map(([name, run]) => {
      const end = run.theta[run.theta.length - 1];
      const lost = run.theta.length <= p.steps || distance(end) > 1e4;
      const far = lost ? "has left for good" : `is ${show(distance(end))} away`;
      return `${NAMES[/** @type {Method} */ (name)]} ${far}`;
    });
    const start = `(${show2(p.x)}, ${show2(p.y)})`;
    const text = `From ${start}, after ${p.steps} steps: ${words.join(", ")}.`;
    if (!this.has("divisors")) return text;
    const ends = settled(p)
      .divisors.map((v) => show(v))
      .join(" and ");
    return `${text} The divisors √Gᵢ/η end at ${ends}.`;
  }
}

const HINT = "Drag the ring. The cross marks the minimum.";

/** A coordinate, with its sign. @param {number} value */
const show2 = (value) => (value < 0 ? "−" : "") + show(Math.abs(value));

customElements.define("rmsprop-valley", Valley);
