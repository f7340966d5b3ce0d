/**
 * Tables that are wider than their page can be scrolled from the keyboard, and only those are a stop
 * on the way through the page.
 * @module
 */

/** @param {Element} box */
function mark(box) {
  const scrolls = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
  if (scrolls) box.setAttribute("tabindex", "0");
  else box.removeAttribute("tabindex");
}

export function startScrollers() {
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => mark(entry.target)));
  for (const box of document.querySelectorAll(".table-wrap")) {
    mark(box);
    watch.observe(box);
  }
}
