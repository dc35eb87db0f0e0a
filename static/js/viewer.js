/* The viewer of documents by keyboard: it presses the links that are there. The page works without it. */
(function () {
  "use strict";

  let inside = false;
  const viewer = () => document.querySelector("[data-viewer]");
  const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    const here = viewer();
    const target = event.target;
    if (!here || event.ctrlKey || event.altKey || event.metaKey || typing(target)) return;
    if (target !== document.body && !here.contains(target)) return;
    let link = null;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const pane = here.querySelector(".viewer-pane");
      // A page wider than its pane is moved first.
      if (target === pane && pane.scrollWidth > pane.clientWidth + 1) return;
      link = here.querySelector(`[data-key="${event.key}"]`);
    } else if (event.key === "+" || event.key === "=" || event.key === "-") {
      const zooms = Array.from(here.querySelectorAll("[data-zoom]"));
      const now = zooms.findIndex((one) => one.hasAttribute("aria-current"));
      link = zooms[now + (event.key === "-" ? -1 : 1)] || null;
    }
    if (!link) return;
    event.preventDefault();
    link.click();
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    inside = event.detail.target?.id === "viewer" && event.detail.target.contains(document.activeElement);
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!inside) return;
    inside = false;
    viewer()?.querySelector(".viewer-pane")?.focus({ preventScroll: true });
  });
})();
