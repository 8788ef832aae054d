// <rmsprop-explore>: the playground, with all parts and knobs and a link to each setting.
import { RULES } from "./compute.js";
import { KNOBS, html, placeOf, show, valueOf } from "./draw.js";
import { Valley } from "./valley.js";

/** @typedef {import("./compute.js").Setting} Setting */

/**
 * Settings worth a look: a name, a question, and what differs from the figure's preset.
 * @type {[name: string, question: string, setting: Setting, methods?: string][]}
 */
const PRESETS = [
  ["The valley", "Which method is slow in which direction?", {}],
  ["Times 4096", "The loss is 4096 times as large. Who notices?", { scale: 4096 }],
  [
    "Turned",
    "What is left of RMSprop's gain at 45 degrees?",
    { angle: 45, steps: 300 },
  ],
  [
    "The end",
    "How far from the minimum does RMSprop stay, whatever the valley?",
    { steps: 500, eta: 0.2, condition: 7 },
    "RMSprop",
  ],
  [
    "Long memory",
    "Why does a decay of 0.99 carry RMSprop past the minimum?",
    { decay: 0.99, steps: 400 },
    "RMSprop Adam",
  ],
  [
    "A large epsilon",
    "When does RMSprop turn into gradient descent?",
    { eps: 1, eta: 0.5, rate: 0.0198, condition: 10, steps: 100 },
    "RMSprop GradientDescent",
  ],
  [
    "Over the edge",
    "Which rate is the last at which gradient descent stays in the valley?",
    { rate: 0.1, steps: 60 },
    "GradientDescent RMSprop",
  ],
];
const ALL = "GradientDescent Momentum RMSprop Adam";

export class Explore extends Valley {
  label = "The playground: four methods in a valley, and all knobs";
  knobs = ["condition", "angle", "scale", "rate", "eta", "decay", "eps", "steps"];
  asked = html("p", { class: "asked" });
  select = html("select", { name: "preset", onchange: () => this.choose() });
  copied = this.button("Copy the link", () => this.copy());

  build() {
    this.dataset.parts = "switches far divisors rates lens";
    this.dataset.methods = ALL;
    this.select.append(...PRESETS.map(([name]) => html("option", {}, name)));
    const label = html("label", { class: "key" }, "Setting", this.select);
    const parts = super.build();
    this.asked.textContent = PRESETS[0][1];
    this.read();
    return [html("div", { class: "bar" }, label), this.asked, ...parts];
  }

  /** Take a setting from the list. */
  choose() {
    const [, question, setting, methods = ALL] = PRESETS[this.select.selectedIndex];
    this.asked.textContent = question;
    this.methods = new Set(methods.split(" "));
    this.set({ ...this.preset, ...setting });
  }

  buttons() {
    return [this.copied, ...super.buttons()];
  }

  /** @param {Setting} change */
  set(change) {
    super.set(change);
    if (!this.isConnected || !this.classList.contains("alive")) return;
    history.replaceState(null, "", this.link());
  }

  /** The address of this setting: what differs from the preset, behind a #. */
  link() {
    const names = [...this.knobs, "x", "y"].filter(
      (n) => this.p[n] !== this.preset?.[n],
    );
    const words = names.map((name) => `${name}=${this.p[name]}`);
    const methods = [...this.methods].join("+");
    if (methods !== ALL.replaceAll(" ", "+")) words.push(`methods=${methods}`);
    return words.length ? `#${words.join("&")}` : location.pathname + location.search;
  }

  /** Take a setting from the address, as far as it makes sense. */
  read() {
    const words = new URLSearchParams(location.hash.slice(1));
    for (const [name, text] of words) {
      const value = Number(text);
      if (["x", "y"].includes(name) && Math.abs(value) <= 9) this.p[name] = value;
      else if (this.knobs.includes(name) && text && Number.isFinite(value)) {
        this.p[name] = within(name, value);
      }
    }
    const methods = words.get("methods")?.split(/[ +]/) ?? ALL.split(" ");
    this.methods = new Set(methods.filter((name) => name in RULES));
  }

  copy() {
    const address = new URL(this.link(), location.href).href;
    const done = () => (this.copied.textContent = "Copied");
    navigator.clipboard?.writeText(address).then(done, () => {});
  }

  seen() {
    const cycle = `RMSprop's cycle: ${show(this.p.eta / 2)} on either side.`;
    return this.methods.has("RMSprop") ? `${super.seen()} ${cycle}` : super.seen();
  }
}

/** A value within the range of its knob. @param {string} name @param {number} value */
function within(name, value) {
  const knob = KNOBS[name];
  const [, low, high, , scale] = knob;
  if (scale === "zero" && value === 0) return 0;
  const place = placeOf(knob, value);
  if (place >= low && place <= high) return value;
  return valueOf(knob, place > high ? high : low);
}

customElements.define("rmsprop-explore", Explore);
