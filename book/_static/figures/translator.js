// <rmsprop-translator>: what to write in another framework.
import { Figure, html } from "./draw.js";
import { knobs, repr, translate } from "./translate.js";

/** @typedef {import("./translate.js").Table} Table */
/** @typedef {import("./translate.js").Value} Value */
/** @typedef {import("./translate.js").Values} Values */

/** What a number must satisfy. @type {Record<string, (value: number) => boolean>} */
const FITS = {
  learning_rate: (value) => value > 0,
  decay: (value) => value >= 0 && value < 1,
  momentum: (value) => value >= 0 && value < 1,
};

export class Translator extends Figure {
  label = "A setting of one framework in the words of another";
  from = html("select", { name: "from", onchange: () => this.choose() });
  to = html("select", { name: "to", onchange: () => this.set({}) });
  inputs = html("div", { class: "bar" });
  text = html("pre", { tabindex: 0, role: "group", "aria-label": "The translation" });
  /** @type {Table | undefined} */
  table;
  /** @type {Values} */
  typed = {};

  build() {
    fetch(new URL("translations.json", import.meta.url))
      .then((answer) => answer.json())
      .then((table) => this.fill(table));
    const from = html("label", { class: "key" }, "from", this.from);
    const to = html("label", { class: "key" }, "to", this.to);
    return [html("div", { class: "bar" }, from, to), this.inputs, this.text];
  }

  /** @param {Table} table */
  fill(table) {
    this.table = table;
    for (const list of [this.from, this.to]) {
      const names = Object.entries(table.conventions).map(
        ([name, { title, version }]) =>
          html("option", { value: name }, `${title} ${version}`),
      );
      list.append(...names);
    }
    this.reset();
  }

  reset() {
    this.from.value = "keras";
    this.to.value = "pytorch";
    this.choose();
  }

  buttons() {
    return [this.button("Reset", () => this.reset())];
  }

  /** Offer the arguments of a framework, at their defaults. */
  choose() {
    const convention = this.table?.conventions[this.from.value];
    this.typed = {};
    const known = convention?.arguments ?? [];
    this.inputs.replaceChildren(...known.map((argument) => this.argument(argument)));
    this.set({});
  }

  /** @param {[word: string, knob: string, value?: Value]} argument */
  argument([word, knob, value = this.table?.given[knob] ?? null]) {
    this.typed[word] = value;
    if (typeof value === "boolean") {
      const box = html("input", {
        ...{ type: "checkbox", name: word },
        onchange: () => this.change(word, box.checked),
      });
      box.checked = value;
      return html("label", { class: "key" }, word, box);
    }
    const input = html("input", {
      ...{ type: "number", step: "any", name: word, value: value ?? "" },
      oninput: () => {
        const number = input.valueAsNumber;
        const empty = value === null && input.value === "" && !input.validity.badInput;
        const fits = empty || (FITS[knob] ?? ((v) => v >= 0))(number);
        input.setAttribute("aria-invalid", String(!fits));
        if (fits) this.change(word, empty ? null : number);
      },
    });
    return html("label", { class: "key" }, word, input);
  }

  /** @param {string} word @param {Value} value */
  change(word, value) {
    this.typed[word] = value;
    this.set({});
  }

  /** The words that are not at their defaults. */
  changed() {
    const convention = this.table?.conventions[this.from.value];
    const known = convention?.arguments ?? [];
    return known
      .filter(([word, , value]) => this.typed[word] !== value)
      .map(([word]) => word);
  }

  draw() {
    if (!this.table) return;
    const [from, to] = [this.from.value, this.to.value];
    const asked = knobs(this.table, from, this.typed);
    const { text, differ } = translate(this.table, asked, to);
    const changed = this.changed();
    const standard = changed.every((word) => this.typed[word] === this.given(word));
    const report = standard && this.table.reports[from]?.[to];
    if (report) this.text.textContent = report;
    else {
      const words = changed.map((word) => `${word}=${repr(this.typed[word])}`);
      const call =
        from in this.table.reports
          ? `${from}(${words.join(", ")})`
          : `build(${[`"${from}"`, ...words].join(", ")})`;
      const differs = differ.length ? `What differs: ${differ.join(", ")}.` : "";
      const how = `print(translate(frameworks.${call}, to="${to}"))`;
      const more = differ.length ? `The reasons, in numbers:\n  ${how}` : "";
      this.text.textContent = [text, differs, more].filter(Boolean).join("\n");
    }
    this.say(text.split("\n")[0].replace(/:$/, "."));
  }

  /** What the reports gave an argument without a default. @param {string} word */
  given(word) {
    const convention = this.table?.conventions[this.from.value];
    const found = convention?.arguments.find((argument) => argument[0] === word);
    return found && found.length < 3 ? this.table?.given[found[1]] : undefined;
  }
}

customElements.define("rmsprop-translator", Translator);
