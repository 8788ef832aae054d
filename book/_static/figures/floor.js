// <rmsprop-floor>: epsilon narrows the cycle, and ends it.
import { cycle, parabola } from "./compute.js";
import { Chart, Figure, show } from "./draw.js";

const PLACES = Array.from({ length: 133 }, (_, i) => -9.25 + i / 16); // of ε: powers of 10

export class Floor extends Figure {
  label = "How epsilon narrows the cycle of RMSprop on a parabola";
  defaults = { eta: 0.1, decay: 0.9, eps: 1e-4, h: 1, x: 1, steps: 600 };
  knobs = ["eps", "h"];
  widths = new Chart("half-width of the cycle by ε; line: predicted; dot: this run", {
    log: false,
  });
  way = new Chart("|θ| of this run; dashed: predicted end", { height: 170 });

  build() {
    return [this.widths.node, this.way.node];
  }

  draw() {
    const { p } = this;
    this.run = parabola(p);
    const way = this.run.theta.map(([x]) => Math.abs(x));
    const end = way[way.length - 1];
    const law = PLACES.map((place) => cycle({ ...p, eps: 10 ** place }));
    const at = Math.round((Math.log10(Math.max(p.eps, 1e-300)) - PLACES[0]) * 16);
    const dot = PLACES.map((_, i) => (i === Math.max(at, 0) ? end : NaN));
    const top = 0.62 * p.eta;
    this.widths.draw(
      [
        { values: law, color: "ink", kind: "law" },
        { values: dot, color: "RMSprop", kind: "dots" },
      ],
      { top, left: "ε = 6e-10", right: "ε = 0.1" },
    );
    const half = cycle(p);
    const lines = [{ values: way, color: "RMSprop" }];
    const level = { values: way.map(() => half), color: "ink", kind: "law" };
    this.way.draw(half ? [...lines, level] : lines, { floor: 1e-9 });
    const border = (p.h * p.eta) ** 2 / 4;
    const predicted = half
      ? `the cycle has the half-width ${show(half)}`
      : "there is no cycle, and the run converges";
    this.say(
      `At ε = ${show(p.eps)} the rule says: ${predicted}. After ${p.steps} steps the run ` +
        `is ${show(end)} away. The border is at ε = h²η²/4 = ${show(border)}.`,
    );
  }
}

customElements.define("rmsprop-floor", Floor);
