// <rmsprop-eps>: epsilon under the root and beside it.
import { beside, follow, lengths, under } from "./compute.js";
import { Chart, Figure, show } from "./draw.js";

const PLACES = Array.from({ length: 97 }, (_, i) => -12 + i / 8); // powers of ten
const GRADIENTS = PLACES.map((place) => 10 ** place);

export class Eps extends Figure {
  label =
    "The length of a step by the size of a constant gradient, for two places of epsilon";
  defaults = { eps: 1e-8, eta: 1, decay: 0.9 };
  knobs = ["eps"];
  chart = new Chart(
    "step length / η by gradient: under the root (red), beside it (dark); dots: the rule",
    { log: false, height: 240 },
  );
  /** @type {number[]} */
  steps = [];

  build() {
    return [this.chart.node];
  }

  draw() {
    const { p } = this;
    // A gradient that has stayed the same for long: G is its square
    this.steps = GRADIENTS.map((g) => lengths(follow([g], { ...p, G0: g * g }))[0]);
    const floor = (Math.log10(Math.sqrt(p.eps)) - PLACES[0]) * 8;
    this.chart.draw(
      [
        { values: GRADIENTS.map((g) => beside(p.eps, g)), color: "ink" },
        { values: GRADIENTS.map((g) => under(p.eps, g)), color: "RMSprop" },
        {
          values: this.steps.map((v, i) => (i % 8 ? NaN : v)),
          color: "RMSprop",
          kind: "dots",
        },
      ],
      {
        ...{ top: 1.1, left: "gradient 1e-12", right: "1" },
        mark: floor > 0 && floor < 96 ? floor : undefined,
      },
    );
    const [root, own] = [Math.sqrt(p.eps), p.eps].map((v) => show(v));
    this.say(
      `Under the root, steps get shorter where gradients come near √ε = ${root} (dashed): ` +
        `there they are 0.71 of a rate. Beside the root this happens near ε = ${own}, ` +
        `where they are half a rate.`,
    );
  }
}

customElements.define("rmsprop-eps", Eps);
