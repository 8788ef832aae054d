// Ranks the sections of the book for a question: BM25 over concepts in place of words.
//
// Words that mean the same (words.json) are one concept, wherever they stand: "lr" finds
// "learning rate" and η. Words that are near each other count a part.
"use strict";
{
  /**
   * What `section_search.py` writes.
   * @typedef {object} Index
   * @property {[string, string][]} pages address and title
   * @property {[number, string, string, number, string, string][]} sections
   *   page, anchor, title, weight, a paragraph a line, and what people ask for
   * @property {string[][]} same
   * @property {Record<string, string[]>} near
   * @property {string} stop words that say nothing about a subject
   */
  /**
   * A word, or a phrase that means a concept, and where it stands.
   * @typedef {{term: string, parts: string[], start: number, end: number}} Token
   */
  /** @typedef {{text: string, marked: boolean}[]} Marked */
  /**
   * @typedef {object} Found
   * @property {string} address
   * @property {Marked} title
   * @property {string} page
   * @property {Marked} excerpt
   */
  /** @typedef {Map<string, number>} Weights the terms that stand for a word */

  const TITLE = 0.8; // a word in the title, beside at most 1 for the text
  const ASKED = 0.6; // one that people ask for
  const PAGE = 0.2; // one in the title of the page
  const SAID = 0.8; // a title that says nothing else is so much better
  const SATURATION = 1.5; // of so many mentions one more counts half
  const NEAR = 0.5; // a near word
  const GUESS = 0.6; // a word that begins alike, or differs by one letter
  const LENGTH = 0.6; // how much a long section is held back
  const ROW = 0.7; // a row of a table says less about why than a sentence
  const EXCERPT = 220; // characters

  /** @type {[number, RegExp, string][]} what a word of so many letters loses, in turn */
  const ENDINGS = [
    [5, /ies$/, "y"],
    [4, /([^su])s$/, "$1"],
    [6, /ly$/, ""],
    [7, /i[sz](e|ed|er|ing|ation)$/, "iz"],
    [7, /ation$/, "at"],
    [6, /ing$|(?<!e)ed$|er$/, ""],
    [5, /e$/, ""],
    [5, /([bdgmnprt])\1$/, "$1"],
  ];
  /** @type {Map<string, string>} */
  const stems = new Map();

  /** A word without its ending. @param {string} word */
  function stem(word) {
    const known = stems.get(word);
    if (known !== undefined) return known;
    let end = word.toLowerCase();
    for (const [least, ending, left] of ENDINGS) {
      if (end.length >= least) end = end.replace(ending, left);
    }
    stems.set(word, end);
    return end;
  }

  /** @param {string} text @returns {Token[]} */
  const words = (text) =>
    Array.from(text.matchAll(/\d+\.\d+|[\p{L}\p{N}]+/gu), (found) => ({
      term: stem(found[0]),
      parts: [],
      start: found.index,
      end: found.index + found[0].length,
    }));

  /** Whether two words differ by one letter. @param {string} a @param {string} b */
  function alike(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    const [one, two] = [a.slice(i), b.slice(i)];
    return [one.slice(1), one].includes(two.slice(1)) || one.slice(1) === two;
  }

  class Engine {
    /** @type {Map<string, {terms: string[], concept: string}[]>} by the first word */
    phrases = new Map();
    /** @type {Map<string, Map<number, number>>} how often a term is in a section */
    postings = new Map();
    /** @type {Map<string, Map<number, number>>} what it counts in the titles */
    heads = new Map();

    /** @param {Index} index */
    constructor(index) {
      /** @type {string[][]} the telling terms of each title */
      this.titles = [];
      this.index = index;
      this.stop = new Set(index.stop.split(" ").map(stem));
      for (const group of index.same) {
        for (const phrase of group) this.#learn(phrase, `=${group[0]}`);
      }
      for (const known of this.phrases.values()) {
        known.sort((a, b) => b.terms.length - a.terms.length);
      }
      this.near = new Map(
        Object.entries(index.near).map(([word, near]) => [
          this.tokens(word)[0].term,
          near.map((other) => this.tokens(other)[0].term),
        ]),
      );
      const titles = index.pages.map(([, title]) => this.tokens(title));
      const texts = index.sections.map((section) => this.tokens(section[4]));
      const mean = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
      index.sections.forEach(([page, , title, , , asked], i) => {
        const long = 1 - LENGTH + (LENGTH * texts[i].length) / mean;
        const heading = this.tokens(title);
        this.titles.push(heading.map((t) => t.term).filter((t) => !this.stop.has(t)));
        this.#count(this.postings, i, texts[i], 1 / Math.max(long, 0.3));
        this.#count(this.postings, i, heading, 1);
        this.#count(this.postings, i, this.tokens(asked), 0.3);
        this.#count(this.heads, i, heading, TITLE);
        this.#raise(i, this.tokens(asked), ASKED);
        this.#count(this.heads, i, titles[page], PAGE);
      });
    }

    /** @param {string} phrase @param {string} concept */
    #learn(phrase, concept) {
      const terms = words(phrase).map((word) => word.term);
      const known = this.phrases.get(terms[0]) ?? [];
      this.phrases.set(terms[0], [...known, { terms, concept }]);
    }

    /**
     * @param {Map<string, Map<number, number>>} counts
     * @param {number} section @param {Token[]} tokens @param {number} weight
     */
    #count(counts, section, tokens, weight) {
      for (const term of tokens.flatMap((token) => [token.term, ...token.parts])) {
        const places = counts.get(term) ?? new Map();
        places.set(section, (places.get(section) ?? 0) + weight);
        counts.set(term, places);
      }
    }

    /** Count words once, and not beside the title. @param {number} section @param {Token[]} tokens @param {number} weight */
    #raise(section, tokens, weight) {
      const terms = new Set(tokens.flatMap((token) => [token.term, ...token.parts]));
      for (const term of terms) {
        const places = this.heads.get(term) ?? new Map();
        places.set(section, Math.max(places.get(section) ?? 0, weight));
        this.heads.set(term, places);
      }
    }

    /** The terms of a text: a phrase that means a concept is one. @param {string} text */
    tokens(text) {
      const all = words(text);
      /** @type {Token[]} */
      const result = [];
      for (let i = 0; i < all.length;) {
        const phrase = (this.phrases.get(all[i].term) ?? []).find(({ terms }) =>
          terms.every((term, j) => term === all[i + j]?.term),
        );
        const last = i + (phrase?.terms.length ?? 1) - 1;
        const term = phrase?.concept ?? all[i].term;
        const parts = last > i ? (phrase?.terms ?? []) : [];
        result.push({ term, parts, start: all[i].start, end: all[last].end });
        i = last + 1;
      }
      return result;
    }

    /** How much a term tells. @param {string} term */
    idf(term) {
      const n = this.postings.get(term)?.size ?? 0;
      return Math.log(1 + (this.index.sections.length - n + 0.5) / (n + 0.5));
    }

    /** What stands for each word of a question. @param {string} query */
    meanings(query) {
      const asked = this.tokens(query).map((token) => token.term);
      const tells = (/** @type {string} */ t) => !this.stop.has(t) || this.near.has(t);
      const telling = asked.filter(tells);
      return [...new Set(telling.length ? telling : asked)]
        .map((term) => this.#meaning(term))
        .filter((meaning) => meaning.size > 0);
    }

    /** @param {string} term @returns {Weights} */
    #meaning(term) {
      const near = (this.near.get(term) ?? []).filter((other) =>
        this.postings.has(other),
      );
      /** @type {Weights} */
      const weights = new Map(near.map((other) => [other, NEAR]));
      if (this.stop.has(term) && weights.size) return weights;
      if (this.postings.has(term)) return weights.set(term, 1);
      if (weights.size || term.length < 3) return weights;
      const guesses = this.#guesses(term);
      return new Map(guesses.map((other) => [other, GUESS]));
    }

    /** What an unknown word may be: a beginning, a slip, or two in one. @param {string} term */
    #guesses(term) {
      const known = [...this.postings.keys()];
      const begun = known.filter((other) => other.replace("=", "").startsWith(term));
      if (begun.length || term.length < 5) return begun;
      const slips = known.filter((other) => alike(term, other));
      if (slips.length) return slips;
      for (let i = 3; i <= term.length - 3; i++) {
        const halves = this.tokens(`${term.slice(0, i)} ${term.slice(i)}`);
        const parts = halves.map((half) => half.term);
        if (parts.every((part) => this.postings.has(part))) return parts;
      }
      return [];
    }

    /**
     * Return what answers a question, best first.
     * @param {string} query
     * @returns {{count: number, show: (most: number) => Found[]}}
     */
    find(query) {
      const meanings = this.meanings(query);
      const weight = meanings.map((meaning) => this.#weight(meaning));
      const whole = weight.reduce((a, b) => a + b, 0);
      const ranked = this.index.sections
        .map((section, i) => {
          const scores = meanings.map((m, j) => weight[j] * this.#share(m, i));
          const met = weight.reduce((sum, w, j) => sum + (scores[j] ? w : 0), 0);
          const score =
            scores.reduce((a, b) => a + b, 0) *
            (met / whole) *
            (1 + SAID * this.#said(meanings, i)) *
            section[3];
          return { i, score };
        })
        .filter(({ score }) => score > 0)
        .sort((a, b) => b.score - a.score || a.i - b.i);
      const good = ranked.filter(({ score }) => score > 0.2 * ranked[0].score);
      return {
        count: good.length,
        show: (most) => good.slice(0, most).map(({ i }) => this.#show(i, meanings)),
      };
    }

    /** How much of a title is asked for. @param {Weights[]} meanings @param {number} section */
    #said(meanings, section) {
      const title = this.titles[section];
      const said = title.map((term) =>
        Math.max(...meanings.map((m) => m.get(term) ?? 0)),
      );
      return said.reduce((a, b) => a + b, 0) / (title.length || 1);
    }

    /** How much a word tells: itself, if the book has it. @param {Weights} meaning */
    #weight(meaning) {
      const most = Math.max(...meaning.values());
      const best = [...meaning].filter(([, weight]) => weight === most);
      return Math.max(...best.map(([term]) => this.idf(term)));
    }

    /** How well a section covers a word. @param {Weights} meaning @param {number} section */
    #share(meaning, section) {
      const shares = [...meaning].map(([term, weight]) => {
        const tf = this.postings.get(term)?.get(section) ?? 0;
        const head = this.heads.get(term)?.get(section) ?? 0;
        return weight * (tf / (tf + SATURATION) + Math.min(head, TITLE));
      });
      return Math.max(...shares);
    }

    /** @param {number} section @param {Weights[]} meanings @returns {Found} */
    #show(section, meanings) {
      const [page, anchor, title, , text] = this.index.sections[section];
      const terms = new Set(meanings.flatMap((meaning) => [...meaning.keys()]));
      const hit = (/** @type {Token} */ token) =>
        [token.term, ...token.parts].some((term) => terms.has(term));
      const lines = text.split("\n").map((line) => {
        const [, place, rest] = /^(?:#(\S+) )?(.*)$/.exec(line) ?? [];
        const met = new Set(
          this.tokens(rest)
            .filter(hit)
            .map((token) => token.term),
        );
        const value = [...met].reduce((sum, term) => sum + this.idf(term), 0);
        return { place, rest, value: rest.includes(" · ") ? value * ROW : value };
      });
      const best = lines.reduce((a, b) => (b.value > a.value ? b : a));
      const next = lines[lines.indexOf(best) + 1];
      const goesOn = next && !next.place && best.rest.length < EXCERPT / 2;
      const why = goesOn ? `${best.rest} ${next.rest}` : best.rest;
      const hits = this.tokens(title).filter(hit);
      const [address, name] = this.index.pages[page];
      return {
        address: `${address}#${(best.value && best.place) || anchor}`,
        title: mark(title, hits, 0, title.length),
        page: name,
        excerpt: cut(why, this.tokens(why).filter(hit)),
      };
    }
  }

  /**
   * A text in parts, those found marked.
   * @param {string} text @param {Token[]} hits @param {number} from @param {number} to
   */
  function mark(text, hits, from, to) {
    /** @type {Marked} */
    const parts = [];
    let at = from;
    for (const { start, end } of hits.filter(
      (hit) => hit.start >= from && hit.end <= to,
    )) {
      parts.push({ text: text.slice(at, start), marked: false });
      parts.push({ text: text.slice(start, end), marked: true });
      at = end;
    }
    parts.push({ text: text.slice(at, to), marked: false });
    return parts.filter((part) => part.text);
  }

  /** The part of a paragraph with most hits, whole words. @param {string} text @param {Token[]} hits */
  function cut(text, hits) {
    const inside = (/** @type {number} */ from) =>
      hits.filter((hit) => hit.start >= from && hit.end < from + EXCERPT - 60).length;
    const first = hits.reduce(
      (a, b) => (inside(b.start) > inside(a) ? b.start : a),
      hits[0]?.start ?? 0,
    );
    let from = Math.max(0, Math.min(first - 60, text.length - EXCERPT));
    if (from > 0) from = text.indexOf(" ", from) + 1;
    let to = Math.min(text.length, from + EXCERPT);
    if (to < text.length) to = Math.max(text.lastIndexOf(" ", to), from + 1);
    const parts = mark(text, hits, from, to);
    if (from > 0) parts.unshift({ text: "… ", marked: false });
    if (to < text.length) parts.push({ text: " …", marked: false });
    return parts;
  }

  /** @type {any} */ (window).SectionEngine = Engine;
}
