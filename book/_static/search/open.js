// Loads the search when a reader first goes to a search field, and no sooner.
"use strict";
{
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  let asked = false;

  const load = () => {
    if (asked) return;
    asked = true;
    for (const file of ["index.js", "engine.js", "search.js"]) {
      const part = document.createElement("script");
      part.src = new URL(file, script.src).href;
      part.async = false; // in this order
      document.head.append(part);
    }
  };

  /** @param {EventTarget | null} place */
  const look = (place) => {
    if (place instanceof Element && place.matches("form.bd-search input")) load();
  };
  document.addEventListener("focusin", (event) => look(event.target));
  look(document.activeElement);
  if (document.getElementById("search-results")) load();
}
