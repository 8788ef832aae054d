// <rmsprop-fall>: what a falling rate buys in the valley.
import { FALLS, distance, falling, rates } from "./compute.js";
import { Chart, Figure, html, show } from "./draw.js";

/** @typedef {keyof typeof FALLS} Name */

export class Fall extends Figure {
  label = "The distance to the minimum under a falling rate";
  defaults = {
    ...{ condition: 100, eta: 0.05, decay: 0.9, eps: 0, x: 2, y: 1, steps: 500 },
  };
  knobs = ["eta", "steps"];
  chart = new Chart("distance to the minimum; dashed: the swing of the rate, √2 ηₜ/2", {
    height: 260,
  });
  select = html("select", { name: "fall", onchange: () => this.set({}) });
  run = falling([], { ...this.defaults, steps: 0 });

  build() {
    const options = Object.keys(FALLS).map((name) => html("option", {}, name));
    this.select.append(...options);
    this.select.value = "1/t";
    const label = html("label", { class: "key" }, "rate", this.select);
    return [html("div", { class: "bar" }, label), this.chart.node];
  }

  draw() {
    const { p } = this;
    const name = /** @type {Name} */ (this.select.value);
    const eta = rates(name, p);
    this.run = falling(eta, p);
    const far = this.run.theta.map(distance);
    const swing = [NaN, ...eta].map((rate) => (rate * Math.SQRT2) / 2);
    this.chart.draw(
      [
        { values: far, color: "RMSprop" },
        { values: swing.slice(1), color: "ink", kind: "law" },
      ],
      { floor: 1e-12 },
    );
    const late = Math.max(...far.slice(-20));
    const way = eta.reduce((sum, rate) => sum + rate, 0);
    this.say(
      `The largest distance in the last 20 of ${p.steps} steps is ${show(late)}. The last ` +
        `rate is ${show(eta[eta.length - 1])}, and all rates add up to ${show(way)}.`,
    );
  }
}

customElements.define("rmsprop-fall", Fall);
