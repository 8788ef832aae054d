// <rmsprop-noise>: skewed noise and the wrong place.
import { misplaced, noisy, skewed } from "./compute.js";
import { Chart, Figure, show } from "./draw.js";

const [RUNS, STEPS] = [12, 600];

export class Noise extends Figure {
  label = "Where RMSprop rests when its noise is skewed";
  defaults = { decay: 0.9, chance: 0.1, eta: 0.1, eps: 1e-8, x: 0 };
  knobs = ["decay", "chance"];
  chart = new Chart(
    "−w, mean of 12 runs; dashed: predicted place; the minimum is at 0",
    {
      ...{ log: false, height: 220 },
    },
  );
  /** @type {number[]} */
  mean = [];

  build() {
    return [this.chart.node];
  }

  draw() {
    const { p } = this;
    const runs = Array.from({ length: RUNS }, (_, seed) =>
      noisy(skewed(p.chance, STEPS, seed + 1), p),
    );
    this.mean = runs[0].theta.map(
      (_, t) => runs.reduce((sum, run) => sum + run.theta[t][0], 0) / RUNS,
    );
    const law = misplaced(p);
    const values = this.mean.map((w) => -w);
    this.chart.draw(
      [
        { values, color: "RMSprop" },
        { values: values.map(() => -law), color: "ink", kind: "law" },
      ],
      { top: 1.1, floor: 0 },
    );
    const end = this.mean.slice(-100).reduce((sum, w) => sum + w, 0) / 100;
    this.say(
      `Over the last 100 of ${STEPS} steps the weight averages ${end < 0 ? "−" : ""}` +
        `${show(Math.abs(end), 2)}. To first order in 1 − γ the rule says ` +
        `${law < 0 ? "−" : ""}${show(Math.abs(law), 2)}. The minimum is at 0.`,
    );
  }
}

customElements.define("rmsprop-noise", Noise);
