// <rmsprop-step>: one step of RMSprop in one coordinate, as bars.
import { parabola } from "./compute.js";
import { Figure, html, show, sized, svg, tenth } from "./draw.js";

const HEADS = ["g", "g²", "G", "√(G+ε)", "step"];
const [BASE, TALL] = [186, 110];

export class Step extends Figure {
  label = "One step of RMSprop in the steep coordinate, as bars";
  defaults = { h: 20, x: 1, eta: 0.1, decay: 0.9, eps: 1e-8, G0: 0, steps: 20, t: 1 };
  knobs = ["decay", "G0"];
  stage = svg("svg", { role: "img" });
  back = this.button("◀ Step back", () => this.go(-1));
  next = this.button("Step on ▶", () => this.go(1));
  run = parabola(this.defaults);

  build() {
    return [html("div", { class: "bar" }, this.back, this.next), this.stage];
  }

  /** @param {number} by */
  go(by) {
    this.set({ t: Math.min(Math.max(this.p.t + by, 1), this.p.steps) });
  }

  /** The five numbers of step t. @param {number} t */
  numbers(t) {
    const { theta, grad, state } = this.run;
    const [g, G] = [grad[t - 1][0], state[t - 1][0][0]];
    const move = theta[t][0] - theta[t - 1][0];
    return [g, g * g, G, Math.sqrt(G + this.p.eps), move];
  }

  /** The largest of each number over the run: the size of a full bar. */
  scales() {
    const all = this.run.grad.map((_, i) => this.numbers(i + 1).map(Math.abs));
    return HEADS.map((_, i) => Math.max(...all.map((numbers) => numbers[i])) || 1);
  }

  draw() {
    const { p } = this;
    this.run = parabola(p);
    const t = (p.t = Math.min(p.t, this.run.grad.length));
    const [width] = sized(this.stage, 262);
    const numbers = this.numbers(t);
    const scales = this.scales();
    const gap = width / 5;
    const bars = numbers.flatMap((value, i) => {
      const x = gap * (i + 0.5);
      const size = Math.abs(value) / scales[i];
      const color = i < 2 ? "GradientDescent" : i < 4 ? "RMSprop" : "Momentum";
      return [
        svg("text", { x, y: 16, class: "middle" }, HEADS[i]),
        svg("text", { x, y: 36, class: "middle" }, show4(value)),
        ...(i === 2 ? this.mixed(x, t, scales[2]) : [bar(x, size, 0, color)]),
      ];
    });
    const arrows = ["²", `·${show(1 - p.decay)}`, "√", "÷"].map((text, i) =>
      svg("text", { x: gap * (i + 1), y: 58, class: "middle" }, `${text} →`),
    );
    this.stage.replaceChildren(...bars, ...arrows, ...this.axis(t, width));
    this.back.disabled = t <= 1;
    this.next.disabled = t >= this.run.grad.length;
    const [g, , G, root, move] = numbers;
    const old = p.decay * this.squareBefore(t);
    const text =
      `Step ${t}: the gradient is ${show4(g)}. Of the old mean square ${show(old)} is left ` +
      `(dashed), the new square adds ${show((1 - p.decay) * g * g)}: G is ${show(G)}, its ` +
      `root ${show(root)}. θ₂ moves by ${show4(move)}, ${show(Math.abs(move) / p.eta)} rates.`;
    this.stage.setAttribute("aria-label", text);
    this.say(text);
  }

  /** The mean square before step t. @param {number} t */
  squareBefore(t) {
    return t > 1 ? this.run.state[t - 2][0][0] : this.p.G0;
  }

  /** The bar of G: what is left of the old one, and the new square on top. */
  mixed(/** @type {number} */ x, /** @type {number} */ t, /** @type {number} */ scale) {
    const g = this.run.grad[t - 1][0];
    const old = (this.p.decay * this.squareBefore(t)) / scale;
    const fresh = ((1 - this.p.decay) * g * g) / scale;
    return [bar(x, old, 0, "RMSprop old"), bar(x, fresh, old, "GradientDescent")];
  }

  /** The parameter before and after, on the way to the minimum. */
  axis(/** @type {number} */ t, /** @type {number} */ width) {
    const all = this.run.theta.map(([x]) => x);
    const [low, high] = [Math.min(0, ...all), Math.max(0, ...all)];
    const at = (/** @type {number} */ x) =>
      tenth(24 + ((width - 48) * (x - low)) / (high - low || 1));
    const [from, to] = [at(all[t - 1]), at(all[t])];
    const y = 226;
    return [
      svg("path", { class: "pale", d: `M24 ${y}H${width - 24}` }),
      svg("path", { class: "law", d: `M${at(0)} ${y - 10}v20` }),
      svg("path", {
        class: "dots Momentum",
        d: all.map((x) => `M${at(x)} ${y}h0`).join(""),
      }),
      svg("path", {
        class: "run ink",
        d: `M${from} ${y}Q${(from + to) / 2} ${y - 30} ${to} ${y}`,
      }),
      svg("circle", { class: "handle", cx: to, cy: y, r: 6 }),
      svg("text", { x: at(0), y: y + 28 }, "θ₂ = 0"),
      svg("text", { x: width - 24, y: y + 28, class: "end" }, show(high)),
    ];
  }
}

/** A bar that stands on another one. */
function bar(
  /** @type {number} */ x,
  /** @type {number} */ size,
  /** @type {number} */ under,
  /** @type {string} */ kind,
) {
  const height = tenth(TALL * Math.min(size, 1.2));
  const y = tenth(BASE - TALL * under - height);
  return svg("rect", { class: `bar ${kind}`, x: tenth(x - 18), y, width: 36, height });
}

/** A number with its sign. @param {number} value */
const show4 = (value) => (value < 0 ? "−" : "") + show(Math.abs(value), 4);

customElements.define("rmsprop-step", Step);
