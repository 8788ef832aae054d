// <rmsprop-table>: the article's table, with numbers that you may change.
import { article, line } from "./compute.js";
import { Chart, Figure, html, show, sized, svg, tenth, through, dots } from "./draw.js";

/** @type {[name: string, text: string, good: (value: number) => boolean][]} */
const INPUTS = [
  ["x", "x", (value) => value !== 0],
  ["y", "y", () => true],
  ["eta", "η", (value) => value > 0],
  ["decay", "γ", (value) => value >= 0 && value < 1],
  ["eps", "ε", (value) => value >= 0],
];
const SHOWN = 20; // points under the lens

export class Table extends Figure {
  label = "The article's table, with numbers to change";
  defaults = { x: 2, y: 4, w: 0, eta: 0.1, decay: 0.9, eps: 1e-8, steps: 130 };
  knobs = ["steps"];
  run = article(this.defaults);
  lines = html("pre", {
    tabindex: 0,
    role: "group",
    "aria-label": "The printed lines",
  });
  far = new Chart("distance to the right weight; dashed: η/2", { height: 200 });
  lens = svg("svg", { "aria-hidden": "true" });

  build() {
    const inputs = INPUTS.map(([name, text, good]) => this.number(name, text, good));
    return [
      html("div", { class: "bar" }, ...inputs),
      this.lines,
      this.far.node,
      this.lens,
    ];
  }

  /** @type {(name: string, text: string, good: (value: number) => boolean) => Node} */
  number(name, text, good) {
    const input = html("input", {
      ...{ type: "number", step: "any", name },
      oninput: () => {
        const fits = Number.isFinite(input.valueAsNumber) && good(input.valueAsNumber);
        input.setAttribute("aria-invalid", String(!fits));
        if (fits) this.set({ [name]: input.valueAsNumber });
      },
    });
    this.tellers?.push(() => {
      const typing = document.activeElement === input;
      if (typing || input.valueAsNumber === this.p[name]) return;
      input.value = String(this.p[name]);
      input.setAttribute("aria-invalid", "false");
    });
    return html("label", { class: "key" }, text, input);
  }

  draw() {
    const { p } = this;
    const run = (this.run = article(p));
    const last = run.grad.length;
    const right = p.y / p.x;
    const errors = run.theta.map(([w]) => Math.abs(w - right));
    const shown = [1, 2, 3, 4, 5, last].filter(
      (t, i, all) => t <= last && all.indexOf(t) === i,
    );
    const printed = shown.map((t) => line(run, t)).join("\n");
    this.lines.textContent = printed || "The first step divides by zero: take ε > 0.";
    const half = { values: errors.map(() => p.eta / 2), color: "ink", kind: "law" };
    this.far.draw([{ values: errors, color: "RMSprop" }, half], { floor: 1e-18 });
    this.drawLens(run.theta.slice(-SHOWN).map(([w]) => (w - right) / (p.eta / 2)));
    const zero = errors.findIndex((error) => error === 0);
    const rest =
      zero >= 0
        ? `Rounding puts it on the right weight at step ${zero}, and it stays there.`
        : `Half a rate is ${show(p.eta / 2)}.`;
    this.say(
      `The right weight is ${show(right, 5)}. After ${last} steps w is ` +
        `${show(errors[last] ?? NaN)} away. ${rest}`,
    );
  }

  /** The last weights, in units of half a rate. @param {number[]} weights */
  drawLens(weights) {
    const [width] = sized(this.lens, 130);
    const x = (/** @type {number} */ i) => 44 + ((width - 60) * i) / (SHOWN - 1);
    const y = (/** @type {number} */ v) => 76 - 36 * Math.min(Math.max(v, -1.4), 1.4);
    const points = weights.map((weight, i) => [x(i), y(weight)]);
    const level = (/** @type {number} */ v) => [
      svg("path", { class: v ? "law" : "pale", d: `M44 ${y(v)}H${width - 16}` }),
      svg(
        "text",
        { x: 38, y: y(v) + 4, class: "end" },
        v ? (v > 0 ? "η/2" : "−η/2") : "0",
      ),
    ];
    const head = `a lens on the last ${weights.length} weights: w − y/x`;
    this.lens.replaceChildren(
      svg("text", { x: 2, y: 14 }, head),
      ...[-1, 0, 1].flatMap(level),
      svg("path", { class: "run RMSprop", d: through(points) }),
      svg("path", { class: "dots RMSprop", d: dots(points) }),
    );
    this.lens.dataset.unit = String(tenth(36));
  }
}

customElements.define("rmsprop-table", Table);
