// <rmsprop-slope>: the steps on a slope that changes, with three divisors.
import { follow, lengths, predicted, unforgetting } from "./compute.js";
import { Chart, Figure, show } from "./draw.js";

/** @type {[number, number][]} */
const BLOCKS = [
  [10, 30],
  [1, 170],
];
const GRADIENTS = BLOCKS.flatMap(([g, count]) => Array(count).fill(g));

export class Slope extends Figure {
  label = "Lengths of steps on a slope that changes from 10 to 1 after step 30";
  defaults = { decay: 0.9, G0: 0, eta: 1, eps: 0 };
  knobs = ["decay", "G0"];
  chart = new Chart("step length / η; dashed: predicted from γ and G₀", {
    ...{ log: false, from: 1, height: 240 },
  });
  /** @type {number[]} */
  steps = [];

  build() {
    return [this.chart.node];
  }

  draw() {
    this.steps = lengths(follow(GRADIENTS, this.p));
    const { sum, mean } = unforgetting(GRADIENTS);
    this.chart.draw(
      [
        { values: sum, color: "AdaGrad" },
        { values: mean, color: "ink" },
        { values: this.steps, color: "RMSprop" },
        { values: predicted(BLOCKS, this.p), color: "ink", kind: "law" },
      ],
      { top: 2 },
    );
    const back = this.steps.findIndex((length, i) => i >= 30 && length > 0.9) + 1;
    const when = back
      ? `above 0.9 again from step ${back}`
      : "not yet above 0.9 at step 200";
    this.say(
      `Red, RMSprop: the first step is ${show(this.steps[0])}, step 31 is ` +
        `${show(this.steps[30])}, and the steps are ${when}. Brown: divided by the sum. ` +
        `Dark: divided by the uniform mean.`,
    );
  }
}

customElements.define("rmsprop-slope", Slope);
