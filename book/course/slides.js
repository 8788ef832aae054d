// A deck: one section at a time, its name in the address. Without scripts all sections
// stand below each other. Keys: arrows, space, Home, End; N notes, S speaker, F full screen.
const slides = [...document.querySelectorAll("section")];
const speaker = window.name === "rmsprop-speaker";
let now = 0;
let other = speaker ? window.opener : null;

function show(to, tell = true) {
  now = Math.min(Math.max(to, 0), slides.length - 1);
  slides.forEach((slide, i) => slide.classList.toggle("now", i === now));
  document.getElementById("place").textContent = `${now + 1} / ${slides.length}`;
  history.replaceState(null, "", `#${slides[now].id}`);
  slides[now].focus({ preventScroll: true });
  scrollTo(0, 0);
  if (tell && other && !other.closed) other.postMessage({ slide: now }, "*");
}

// Make what a slide shows smaller until it fits.
function fit(slide) {
  const body = slide.querySelector(".body");
  const over = () => slide.scrollHeight > slide.clientHeight || slide.scrollWidth > slide.clientWidth;
  for (let size = 1.4; size > 0.6 && over(); size -= 0.05) body.style.fontSize = `${size}em`;
}

function notes() {
  const shown = document.body.classList.toggle("with-notes");
  document.getElementById("notes").setAttribute("aria-pressed", String(shown));
}

// The same deck in a second window, with large notes; either window moves both.
function speak() {
  other = window.open(location.href, "rmsprop-speaker", "width=1000,height=800");
}

function fromAddress() {
  const found = slides.findIndex((slide) => `#${slide.id}` === decodeURIComponent(location.hash));
  show(Math.max(found, 0), false);
}

const keys = {
  ArrowRight: () => show(now + 1),
  PageDown: () => show(now + 1),
  " ": () => show(now + 1),
  ArrowLeft: () => show(now - 1),
  PageUp: () => show(now - 1),
  Home: () => show(0),
  End: () => show(slides.length - 1),
  n: notes,
  s: speak,
  f: () => document.documentElement.requestFullscreen(),
};
addEventListener("keydown", (event) => {
  const held = event.ctrlKey || event.metaKey || event.altKey;
  const pressed = event.key === " " && event.target.matches("button, a");
  const act = keys[event.key.length > 1 ? event.key : event.key.toLowerCase()];
  if (!act || held || pressed) return;
  event.preventDefault();
  act();
});
addEventListener("message", (event) => {
  if (event.source === other && Number.isInteger(event.data?.slide)) show(event.data.slide, false);
});
addEventListener("hashchange", fromAddress);
document.getElementById("back").onclick = keys.ArrowLeft;
document.getElementById("on").onclick = keys.ArrowRight;
document.getElementById("notes").onclick = notes;
document.getElementById("speaker").onclick = speak;
document.body.classList.add("running");
document.body.classList.toggle("speaker", speaker);
fromAddress();
// Formulas have their size only when their font is there.
addEventListener("load", async () => {
  await document.fonts.ready;
  if (!speaker) slides.forEach(fit);
  document.body.classList.add("fitted");
});
