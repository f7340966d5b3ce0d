// @ts-check
/**
 * Pictures of a lot: dropped many at once, sent one after another, moved by dragging.
 * Without this the same forms work by choosing files and pressing buttons.
 * @module
 */

const zone = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-drop-zone]"));
const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-picture-list]"));
const input = /** @type {HTMLInputElement | null} */ (zone?.querySelector("input[type=file]") ?? null);

/**
 * @typedef {{html?: string, seen?: number, version?: number, refused?: string[], message?: string}} Answer
 * @param {string} address
 * @param {FormData} body
 * @returns {Promise<Answer>}
 */
async function send(address, body) {
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  return answer.json();
}

/**
 * Show the list anew and let the form beside it know that only the pictures moved its lot on.
 * @param {Answer} answer
 */
function show({ html, seen, version }) {
  if (list && html !== undefined) list.innerHTML = html;
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#lot-form [name=version]"));
  if (field && field.value === String(seen)) field.value = String(version);
}

/** @param {string} text */
function refuse(text) {
  const line = document.createElement("li");
  line.textContent = text;
  zone?.querySelector("[data-drop-refused]")?.append(line);
}

/** @param {string} text */
function say(text) {
  const state = zone?.querySelector("[data-drop-state]");
  if (state) state.textContent = text;
}

/**
 * One request a file: the server works on one while the next travels, and one bad file harms none.
 * @param {File[]} files
 */
async function sendAll(files) {
  if (!zone) return;
  zone.querySelector("[data-drop-refused]")?.replaceChildren();
  const token = /** @type {HTMLInputElement} */ (zone.elements.namedItem("csrf_token")).value;
  for (const file of files) {
    say((zone.dataset["busy"] ?? "").replace("{name}", file.name));
    const body = new FormData();
    body.set("csrf_token", token);
    body.set("pictures", file);
    try {
      const answer = await send(zone.action, body);
      const { refused, message } = answer;
      show(answer);
      (refused ?? (message ? [`${file.name}: ${message}`] : [])).forEach(refuse);
    } catch {
      refuse((zone.dataset["failed"] ?? "").replace("{name}", file.name));
    }
  }
  say("");
  if (input) input.value = "";
}

zone?.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("drop-over");
});
zone?.addEventListener("dragleave", () => zone.classList.remove("drop-over"));
zone?.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("drop-over");
  void sendAll([...(event.dataTransfer?.files ?? [])]);
});
input?.addEventListener("change", () => void sendAll([...(input.files ?? [])]));
zone?.addEventListener("submit", (event) => {
  event.preventDefault();
  void sendAll([...(input?.files ?? [])]);
});

list?.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-picture-act]")) return;
  event.preventDefault();
  try {
    const answer = await send(form.action, new FormData(form));
    show(answer);
    if (answer.message) refuse(answer.message);
  } catch {
    form.submit();
  }
});

/** @type {HTMLElement | null} */
let moved = null;

list?.addEventListener("dragstart", (event) => {
  moved = event.target instanceof Element ? event.target.closest("[data-picture]") : null;
});
list?.addEventListener("dragover", (event) => {
  const over = event.target instanceof Element ? event.target.closest("[data-picture]") : null;
  if (!moved || !over || over === moved) return;
  event.preventDefault();
  const box = over.getBoundingClientRect();
  over[event.clientY > box.top + box.height / 2 ? "after" : "before"](moved);
});
list?.addEventListener("dragend", async () => {
  const form = /** @type {HTMLFormElement | null} */ (list.querySelector("[data-picture-order]"));
  if (!moved || !form) return;
  moved = null;
  const body = new FormData(form);
  list.querySelectorAll("[data-picture]").forEach((row) => {
    body.append("picture", /** @type {HTMLElement} */ (row).dataset["picture"] ?? "");
  });
  show(await send(form.action, body));
});
