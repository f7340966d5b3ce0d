/**
 * Bidding in place: the confirmation opens over the lot, the bid goes the short way of scripts, and
 * what it led to replaces the panel. What is shown comes from the same pages a browser without
 * scripts sees.
 * @module
 */

const PARTS = ["#bid-panel", "#history", ".bid-bar", "#my-bids", "#my-offers"];
const OURS = /^\/(?:sales\/|me\/(?:bids|offers)$)/u;
const TYPING_PAUSE = 250;
const ASKED = new Set(["maximum", "pieces", "back"]);

export function startBidding() {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.querySelector("[data-confirmation-dialog]"));
  if (!dialog) return;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    if (form.matches("[data-bid-form]")) void ask(form, dialog, event);
    if (form.matches("[data-place-form]")) void (form.dataset["shownOn"] ? place : buy)(form, dialog, event);
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
  const page = await load(`${form.getAttribute("action")}?${fieldsOf(form)}`, {}, form);
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
  const fields = fieldsOf(form);
  const answer = await send(form, fields);
  const again = answer?.error === "confirmation_needed";
  const query = new URLSearchParams([...fields].filter(([name]) => ASKED.has(name)));
  const page = answer && (await load(again ? `${form.action}?${query}` : form.dataset["shownOn"] ?? "", {}, form));
  if (!page) {
    if (button) button.disabled = false;
    return;
  }
  const asked = page.querySelector("#confirmation");
  if (again && asked) {
    dialog.replaceChildren(asked);
    dialog.querySelector("button")?.focus();
    return;
  }
  replaceParts(page);
  dialog.close();
  tell(answer, fields.get("maximum") ?? "");
  document.querySelector("#bid-panel")?.scrollIntoView({ block: "nearest" });
}

/**
 * What a bid is answered with: a code where it was refused, and always a sentence for its bidder.
 * @typedef {{ error?: string, message: string, outcome?: string, receipt?: string | null }} Answer
 */

/**
 * Send a bid as scripts do. Where there is no answer to a script, the browser takes over.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} fields
 * @returns {Promise<Answer | null>}
 */
async function send(form, fields) {
  const body = new URLSearchParams([...fields, ["words", "1"]]);
  try {
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (response.redirected) location.assign(response.url);
    else if (response.headers.get("Content-Type")?.startsWith("application/json")) return await response.json();
    else form.submit();
  } catch {
    form.submit();
  }
  return null;
}

/**
 * Say what became of a bid: at the field where it was refused and there is one, else above all.
 * @param {Answer} answer
 * @param {string} typed
 */
function tell(answer, typed) {
  const part = document.querySelector("#bid-panel, #my-bids");
  const field = document.querySelector("#maximum");
  const row = field?.closest(".bid-maximum-row");
  if (answer.error && field instanceof HTMLInputElement && row) {
    field.value = typed;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby")} maximum-error`);
    field.form?.classList.add("field-wrong");
    row.after(paragraph("field-error", answer.message, { id: "maximum-error", role: "alert" }));
    field.focus();
  } else {
    const kind = answer.error || answer.outcome === "outbid" ? "error" : "success";
    const told = document.createElement("div");
    told.className = "flashes";
    told.setAttribute("role", "status");
    told.append(paragraph(`flash flash-${kind}`, answer.message));
    part?.prepend(told);
  }
  if (answer.error && answer.receipt && part instanceof HTMLElement) {
    const link = document.createElement("a");
    link.href = answer.receipt;
    link.download = "";
    link.textContent = part.dataset["receiptWords"] ?? "";
    const line = paragraph("bid-help", "");
    line.append(link);
    (row ?? part.querySelector(".flashes"))?.parentElement?.append(line);
  }
}

/**
 * @param {string} kind
 * @param {string} text
 * @param {Record<string, string>} [attributes]
 */
function paragraph(kind, text, attributes = {}) {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** @param {HTMLFormElement} form */
function fieldsOf(form) {
  return new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}

/**
 * Buy the lot at once; its token makes a repeated press one purchase.
 * @param {HTMLFormElement} form
 * @param {HTMLDialogElement} dialog
 * @param {Event} event
 */
async function buy(form, dialog, event) {
  event.preventDefault();
  const button = form.querySelector("button");
  if (button) button.disabled = true;
  const page = await load(form.action, { method: "POST", body: fieldsOf(form) }, form);
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
  return [...fields].some((field) => field.value !== (field.dataset["typed"] ?? ""));
}

/** Say beside the field what a maximum would cost in all; the server reckons. */
function watchTotal() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement)) return;
    const amount = "alsoTotal" in field.dataset ? field.form?.querySelector("[data-total]") : field;
    if (!(amount instanceof HTMLInputElement) || !amount.dataset["total"]) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => void showTotal(amount), TYPING_PAUSE);
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
  const pieces = field.form?.querySelector("[data-also-total]");
  const wanted = pieces instanceof HTMLInputElement ? pieces.value : "";
  const address = `${field.dataset["total"]}?${new URLSearchParams({ maximum: asked, pieces: wanted })}`;
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const answer = response?.ok ? await response.json() : null;
  if (field.value === asked) shown.textContent = answer ? text.replace("{total}", answer.total) : "";
}
