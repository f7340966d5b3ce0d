// @ts-check
/**
 * The bank's queue by keys: a figure ticks an invoice, Enter matches, S goes on to the next line.
 * @module
 */

const queue = document.querySelector("[data-queue]");

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input:not([type=checkbox]), textarea, select");
  if (!queue || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = /** @type {HTMLInputElement | null} */ (queue.querySelector(`[data-key="${CSS.escape(event.key)}"]`));
  if (box) {
    event.preventDefault();
    box.checked = !box.checked;
    box.focus();
  } else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement || event.target instanceof HTMLAnchorElement)) {
    event.preventDefault();
    /** @type {HTMLFormElement | null} */ (queue.querySelector("form"))?.requestSubmit();
  } else if (event.key.toLowerCase() === "s") {
    event.preventDefault();
    /** @type {HTMLAnchorElement | null} */ (queue.querySelector("[data-skip]"))?.click();
  }
});
