/**
 * Back office: `/` or Ctrl-K puts the cursor into the search, arrows go from row to row of a list,
 * unsaved changes are guarded.
 * @module
 */
import { startScrollers } from "./scrollers.js";

startScrollers();

const search = /** @type {HTMLInputElement | null} */ (document.querySelector("[data-search-key]"));

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  const slash = event.key === "/" && !typing;
  const command = event.key === "k" && (event.ctrlKey || event.metaKey);
  if (search && (slash || command)) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

/** Go from a row's link to the one above or below it. */
document.addEventListener("keydown", (event) => {
  const down = event.key === "ArrowDown";
  const link = event.target instanceof HTMLAnchorElement ? event.target : null;
  const row = link?.closest(".table tbody tr");
  if (!link || !row || !(down || event.key === "ArrowUp")) return;
  const next = down ? row.nextElementSibling : row.previousElementSibling;
  const place = [...row.querySelectorAll("a")].indexOf(link);
  const links = next?.querySelectorAll("a") ?? [];
  const there = links[Math.min(place, links.length - 1)];
  if (!there) return;
  event.preventDefault();
  there.focus();
});

let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLElement && event.target.closest("form[data-guarded]")) unsaved = true;
});
document.addEventListener("submit", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
