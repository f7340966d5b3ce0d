/**
 * Bidding in place: the confirmation opens over the lot, the answer replaces the panel. Both come
 * from the same pages a browser without scripts sees.
 * @module
 */

const PARTS = ["#bid-panel", "#history", ".bid-bar", "#my-bids", "#my-offers"];
const OURS = /^\/(?:sales\/|me\/(?:bids|offers)$)/u;
const TYPING_PAUSE = 250;

export function startBidding() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-confirmation-dialog]"));
  if (!dialog) return;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (form.matches("[data-bid-form]")) void ask(form, dialog, event);
    if (form.matches("[data-place-form]")) void place(form, dialog, event);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-close-dialog]") && dialog.open) {
      event.preventDefault();
      dialog.close();
    }
  });
  watchTotal();
}

/**
 * Show the confirmation, or the lot with the reason why not.
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} dialog
 * @param {Event} event
 */
async function ask(form, dialog, event) {
  event.preventDefault();
  if (document.documentElement.dataset["connection"] === "stale") return;
  const query = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const page = await load(`${form.getAttribute("action")}?${query}`, {}, form);
  const confirmation = page?.querySelector("#confirmation");
  if (confirmation) {
    dialog.replaceChildren(confirmation);
    dialog.showModal();
    dialog.querySelector("button")?.focus();
  } else if (page && !replaceParts(page)) {
    form.submit();
  } else if (page) {
    /** @type {HTMLElement | null} */ (document.querySelector("#bid-panel [aria-invalid]") ?? document.querySelector("#maximum"))?.focus();
  }
}

/**
 * Place the bid; its token makes a repeated press one bid.
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} dialog
 * @param {Event} event
 */
async function place(form, dialog, event) {
  event.preventDefault();
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
  const page = await load(form.action, { method: "POST", body }, form);
  if (!page) {
    if (button) button.disabled = false;
    return;
  }
  const asked = page.querySelector("#confirmation");
  if (asked) {
    dialog.replaceChildren(asked);
    dialog.querySelector("button")?.focus();
    return;
  }
  if (!replaceParts(page)) {
    // The answer is another page than this one; its token makes the repeated bid the same bid.
    HTMLFormElement.prototype.submit.call(form);
    return;
  }
  dialog.close();
  document.querySelector("#bid-panel")?.scrollIntoView({ block: "nearest" });
}

/**
 * Fetch a page of ours. Without a connection the browser takes over and says so itself.
 * @param {string} address
 * @param {RequestInit} how
 * @param {HTMLFormElement} form
 * @returns {Promise<Document | null>}
 */
async function load(address, how, form) {
  try {
    const response = await fetch(address, { ...how, headers: { Accept: "text/html" } });
    if (response.redirected && !OURS.test(new URL(response.url).pathname)) {
      location.assign(response.url);
      return null;
    }
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    form.submit();
    return null;
  }
}

/**
 * Put what is new on a page into this one. Gently: a field somebody types in is left alone, and
 * what the reader was told stays.
 * @param {Document} page
 * @param {boolean} [gently]
 * @returns {boolean} whether the page has anything this one shows
 */
export function replaceParts(page, gently = false) {
  let shared = false;
  for (const selector of PARTS) {
    const here = document.querySelector(selector);
    const there = page.querySelector(selector);
    shared ||= Boolean(here && there);
    const busy = gently && (here?.contains(document.activeElement) || typedIn(here));
    if (!here || !there || busy) continue;
    const message = gently ? here.querySelector(".flashes") : null;
    if (message) there.prepend(message);
    here.replaceWith(there);
  }
  return shared;
}

/**
 * @param {Element | null} part
 * @returns {boolean}
 */
function typedIn(part) {
  const fields = /** @type {NodeListOf<HTMLInputElement>} */ (part?.querySelectorAll("#maximum, [data-typed]") ?? []);
  return [...fields].some((field) => field.value !== "");
}

/** Say beside the field what a maximum would cost in all; the server reckons. */
function watchTotal() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement) || !field.dataset["total"]) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => void showTotal(field), TYPING_PAUSE);
  });
}

/** @param {HTMLInputElement} field */
async function showTotal(field) {
  const shown = document.querySelector("#maximum-total");
  const text = shown instanceof HTMLElement ? shown.dataset["totalText"] : undefined;
  if (!shown || !text) return;
  if (!field.value.trim()) {
    shown.textContent = "";
    return;
  }
  const asked = field.value;
  const address = `${field.dataset["total"]}?maximum=${encodeURIComponent(asked)}`;
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const answer = response?.ok ? await response.json() : null;
  if (field.value === asked) shown.textContent = answer ? text.replace("{total}", answer.total) : "";
}
