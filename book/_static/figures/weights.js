// <rmsprop-weights>: the weight of a squared gradient by its age.
import { follow, halfLife, weight } from "./compute.js";
import { Chart, Figure, show } from "./draw.js";

const AGES = Array.from({ length: 60 }, (_, k) => k);

export class Weights extends Figure {
  label = "The weight of a squared gradient by its age";
  defaults = { decay: 0.9 };
  knobs = ["decay"];
  chart = new Chart("weight by age; line: (1 − γ)γᵏ; dots: what the rule keeps", {
    ...{ log: false, height: 240 },
  });
  /** @type {number[]} */
  kept = [];

  build() {
    return [this.chart.node];
  }

  draw() {
    const { decay } = this.p;
    const feed = AGES.map((k) => (k ? 0 : 1)); // one square of 1, and then nothing
    this.kept = follow(feed, { ...this.p, eta: 1, eps: 1 }).state.map(
      (state) => state[0][0],
    );
    const law = AGES.map((k) => weight(decay, k));
    const half = halfLife(decay);
    this.chart.draw(
      [
        { values: AGES.map(() => 1 / 60), color: "pale" },
        { values: law, color: "RMSprop" },
        { values: this.kept, color: "RMSprop", kind: "dots" },
      ],
      { left: "age 0", right: "59 steps", mark: half < 59 ? half : undefined },
    );
    const lately = 1 - decay ** 20;
    const size = (1 + decay) / (1 - decay);
    this.say(
      `At γ = ${show(decay)} a weight halves in ${show(half)} steps (dashed), and the mean ` +
        `is as steady as one of ${show(size)} numbers. The last 20 squares have ` +
        `${show(100 * lately)} % of the weight. Pale: the uniform mean of 60.`,
    );
  }
}

customElements.define("rmsprop-weights", Weights);
