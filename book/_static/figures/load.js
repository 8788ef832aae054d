// Load the scripts of a figure when it comes near the window, and not before.
const near = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      import(`./${target.localName.replace("rmsprop-", "")}.js`);
    }
  },
  { rootMargin: "50%" },
);
for (const figure of document.querySelectorAll("[data-figure]")) near.observe(figure);
