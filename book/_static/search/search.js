// Shows what the search finds, under its field, as the reader types.
"use strict";
{
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const root = new URL("../../", script.src);
  const { SectionEngine, sectionIndex } = /** @type {any} */ (window);
  const engine = new SectionEngine(sectionIndex);

  /**
   * @template {keyof HTMLElementTagNameMap} N
   * @param {N} name @param {string} look its class @param {(Node | string)[]} children
   */
  function make(name, look, ...children) {
    const node = document.createElement(name);
    if (look) node.className = look;
    node.append(...children);
    return node;
  }

  /** @param {{text: string, marked: boolean}[]} parts */
  const marked = (parts) =>
    parts.map(({ text, marked: hit }) => (hit ? make("mark", "", text) : text));

  /** @param {any} found */
  function item({ address, title, page, excerpt }) {
    const link = make("a", "", ...marked(title));
    link.href = new URL(address, root).href;
    const where = link.textContent === page ? "" : page;
    const why = make("p", "", ...marked(excerpt));
    return make("li", "", link, make("span", "found-page", where), why);
  }

  /** One field of search, and the results under it. */
  class Field {
    status = make("p", "found-status");
    list = make("ol", "found-list");
    timer = 0;

    /** @param {HTMLInputElement} input */
    constructor(input) {
      this.input = input;
      this.dialog = input.closest("dialog");
      this.most = this.dialog ? 8 : 12;
      this.shown = "";
      this.status.setAttribute("role", "status");
      const place = this.dialog ?? document.getElementById("search-results");
      if (!place) return;
      const box = make("div", "found", this.status, this.list);
      place.append(box);
      input.addEventListener("input", () => {
        window.clearTimeout(this.timer);
        this.timer = window.setTimeout(() => this.show(), 120);
      });
      for (const node of [input, box]) {
        node.addEventListener("keydown", (event) => this.walk(event));
      }
      box.addEventListener("click", (event) => {
        if (event.target instanceof Element && event.target.closest("a")) {
          this.dialog?.close();
        }
      });
      input.form?.addEventListener("submit", (event) => this.submit(event));
      this.show();
    }

    /** Find what is asked for and show it. */
    show() {
      const query = this.input.value.trim();
      if (query === this.shown) return;
      this.shown = query;
      const { count, show } = query ? engine.find(query) : { count: 0, show: () => [] };
      this.list.replaceChildren(...show(this.most).map(item));
      if (count > this.most) this.list.append(this.more(count));
      this.status.textContent = query && this.tell(query, count);
      if (!this.dialog) this.remember(query);
    }

    /** @param {string} query @param {number} count */
    tell(query, count) {
      if (count === 0) {
        return `Nothing is found for “${query}”. Try fewer or other words.`;
      }
      return `${count} ${count === 1 ? "section" : "sections"} for “${query}”`;
    }

    /** A way to the rest. @param {number} count */
    more(count) {
      const button = make("button", "found-more", `All ${count} sections`);
      button.type = "button";
      button.addEventListener("click", () => {
        const first = this.list.children.length - 1;
        this.most = count;
        this.shown = "";
        this.show();
        this.links()[first]?.focus();
        this.most = this.dialog ? 8 : 12;
      });
      return make("li", "", button);
    }

    /** The address of a search can be kept and sent. @param {string} query */
    remember(query) {
      const address = new URL(window.location.href);
      if (query) address.searchParams.set("q", query);
      else address.searchParams.delete("q");
      window.history.replaceState(null, "", address);
    }

    /** On the search page the results are there. @param {Event} event */
    submit(event) {
      if (this.dialog) return;
      event.preventDefault();
      this.show();
    }

    /** @returns {HTMLElement[]} */
    links() {
      return Array.from(this.list.querySelectorAll("a, button"));
    }

    /** Go through the results with the arrows. @param {KeyboardEvent} event */
    walk(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const stops = [this.input, ...this.links()];
      const at = stops.findIndex((stop) => stop === document.activeElement);
      stops[at + step]?.focus();
      event.preventDefault();
    }
  }

  const asked = new URLSearchParams(window.location.search).get("q");
  const onPage = document.getElementById("search-results");
  for (const input of document.querySelectorAll("form.bd-search input")) {
    if (!(input instanceof HTMLInputElement)) continue;
    if (onPage && asked && !input.closest("dialog")) input.value ||= asked;
    new Field(input);
  }
  if (onPage) {
    const field = onPage.parentElement?.querySelector("input");
    field?.focus();
    field?.select();
  }
}
