// <rmsprop-outlier>: the steps after one large gradient among ones.
import { after, outlier, recovery } from "./compute.js";
import { Chart, Figure, show } from "./draw.js";

export class Outlier extends Figure {
  label = "Lengths of the steps after one large gradient among gradients of 1";
  defaults = { decay: 0.9, size: 100 };
  knobs = ["size", "decay"];
  chart = new Chart("step length / η after the outlier; dashed: predicted", {
    ...{ log: false, from: 1, height: 240 },
  });
  /** @type {number[]} */
  steps = [];

  build() {
    return [this.chart.node];
  }

  draw() {
    const when = recovery(this.p);
    const count = Math.min(Math.max(Math.ceil(1.5 * when), 40), 2500);
    this.steps = outlier({ ...this.p, steps: count });
    const law = this.steps.map((_, i) => after(this.p, i + 1));
    this.chart.draw(
      [
        { values: this.steps, color: "RMSprop" },
        { values: law, color: "ink", kind: "law" },
      ],
      { top: 1.1, mark: when > 1 ? when : undefined },
    );
    const back = this.steps.findIndex((length) => length > 0.9) + 1;
    this.say(
      `The first step after the outlier is ${show(this.steps[0])} of a rate long. ` +
        `From step ${back} on it is above 0.9 again; predicted: ${show(Math.max(when, 1))}.`,
    );
  }
}

customElements.define("rmsprop-outlier", Outlier);
