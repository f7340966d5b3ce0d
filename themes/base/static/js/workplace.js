/**
 * Back office: `/` or Ctrl-K puts the cursor into the search; unsaved changes are guarded.
 * @module
 */

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

let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target instanceof HTMLElement && event.target.closest("form[data-guarded]")) unsaved = true;
});
document.addEventListener("submit", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
