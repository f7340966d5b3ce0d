/**
 * Words and figures in the reader's language: what the page brought along, and what the browser
 * can write by itself.
 * @module
 */

const language = document.documentElement.lang || "en";

/**
 * A copy of the page's own wording, or null where the page has none of that name.
 * @param {string} name
 * @returns {Element | null}
 */
export function word(name) {
  const store = /** @type {HTMLTemplateElement | null} */ (document.querySelector("template[data-words]"));
  const found = store?.content.querySelector(`[data-word="${name}"]`);
  return found ? /** @type {Element} */ (found.cloneNode(true)) : null;
}

/**
 * @param {string} name
 * @returns {string}
 */
export function wordText(name) {
  return word(name)?.textContent?.trim() ?? "";
}

/**
 * An amount in minor units as the reader expects it; whole amounts without decimals.
 * @param {number} minor
 * @param {string} currency an ISO 4217 code
 * @returns {string}
 */
export function money(minor, currency) {
  const style = /** @type {const} */ ("currency");
  const digits = new Intl.NumberFormat(language, { style, currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const value = minor / 10 ** digits;
  const shown = Number.isInteger(value) ? 0 : digits;
  return new Intl.NumberFormat(language, {
    style,
    currency,
    currencyDisplay: "narrowSymbol",
    minimumFractionDigits: shown,
    maximumFractionDigits: shown,
  }).format(value);
}

/**
 * Minor units as a form takes them: "1300.00".
 * @param {number} minor
 * @param {string} currency
 * @returns {string}
 */
export function plainAmount(minor, currency) {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return (minor / 10 ** digits).toFixed(digits);
}

/**
 * @param {number} count
 * @returns {string}
 */
export function bids(count) {
  const one = new Intl.PluralRules(language).select(count) === "one";
  const number = new Intl.NumberFormat(language).format(count);
  return wordText(one ? "bid-one" : "bid-many").replace(/\d+/u, number);
}

/**
 * How long until an end: days and hours, hours and minutes, or minutes and seconds.
 * @param {number} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days) return `${unit(days, "day")} ${unit(hours, "hour")}`;
  if (hours) return `${unit(hours, "hour")} ${unit(minutes, "minute")}`;
  if (!minutes) return unit(seconds, "second");
  return `${unit(minutes, "minute")} ${unit(seconds % 60, "second")}`;
}

/**
 * @param {number} value
 * @param {string} name
 * @returns {string}
 */
function unit(value, name) {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
}
