// @ts-check
/**
 * Live updates: one stream a browser, shared by its tabs.
 *
 * The tab that holds a lock keeps the stream and passes events on to the others; when it goes,
 * another takes over. A token is fetched uncached before each connection. Where streams are
 * blocked, the tab asks every few seconds instead. After a gap the gateway repeats what was missed.
 *
 * @typedef {"live" | "catching-up" | "stale" | "polling" | "signed-out"} Connection
 * @typedef {{ channels: string[], onEvent: (payload: any) => void,
 *   onState?: (state: Connection) => void, onClock?: (milliseconds: number) => void }} Subscription
 */

const BUS = "auctionxchange-live";
const LOCK = "auctionxchange-live-leader";
const SILENCE_MS = 40_000;
const POLL_MS = 3_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const STREAM_FAILURES_BEFORE_POLLING = 3;
const MEMBER_MS = 10_000;
const FORGET_MS = 35_000;

const tab = crypto.randomUUID ? crypto.randomUUID() : String(Math.random());
const bus = "BroadcastChannel" in window ? new BroadcastChannel(BUS) : null;

/** @type {Subscription[]} */
const subscriptions = [];
/** What the other tabs want, by tab. @type {Map<string, { channels: string[], seen: number }>} */
const others = new Map();
/** @type {Connection} */
let connection = "catching-up";
let leading = false;
let position = "";
let failures = 0;
/** @type {EventSource | null} */
let source = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let silence;
let connected = "";

/**
 * Follow channels, such as "sale:3"; the reader's own is added by the server.
 * @param {Subscription} subscription
 * @returns {() => void} ends it
 */
export function subscribe(subscription) {
  subscriptions.push(subscription);
  subscription.onState?.(connection);
  if (subscriptions.length === 1) begin();
  announceWishes();
  if (leading && wanted() !== connected) reconnectSoon(0);
  return () => {
    subscriptions.splice(subscriptions.indexOf(subscription), 1);
    announceWishes();
  };
}

function begin() {
  bus?.addEventListener("message", ({ data }) => heard(data));
  setInterval(announceWishes, MEMBER_MS);
  if (bus && navigator.locks) {
    void navigator.locks.request(LOCK, () => new Promise(() => lead()));
    bus.postMessage({ kind: "who" });
  } else {
    lead();
  }
  addEventListener("pageshow", (event) => event.persisted && leading && reconnectSoon(0));
  addEventListener("online", () => leading && reconnectSoon(0));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && leading && connection !== "live") reconnectSoon(0);
  });
}

function lead() {
  leading = true;
  bus?.postMessage({ kind: "who" });
  reconnectSoon(0);
}

/** @param {any} message */
function heard(message) {
  if (message.kind === "event") deliver(message.payload);
  else if (message.kind === "state") show(message.state);
  else if (message.kind === "clock") tellClock(message.now);
  else if (message.kind === "who") announceWishes();
  else if (message.kind === "wishes" && message.tab !== tab) {
    others.set(message.tab, { channels: message.channels, seen: Date.now() });
    if (!leading) return;
    bus?.postMessage({ kind: "state", state: connection });
    if (wanted() !== connected) reconnectSoon(50);
  }
}

function announceWishes() {
  bus?.postMessage({ kind: "wishes", tab, channels: own() });
}

function own() {
  return subscriptions.flatMap((subscription) => subscription.channels);
}

/** All channels any tab wants, as one text. */
function wanted() {
  const now = Date.now();
  for (const [name, other] of others) if (now - other.seen > FORGET_MS) others.delete(name);
  const all = [...own(), ...[...others.values()].flatMap((other) => other.channels)];
  return [...new Set(all)].sort().join(",");
}

/** @param {number} milliseconds */
function reconnectSoon(milliseconds) {
  clearTimeout(timer);
  timer = setTimeout(() => void connect(), milliseconds);
}

async function connect() {
  source?.close();
  source = null;
  clearTimeout(silence);
  if (connection === "signed-out") return;
  if (connection !== "polling") say(failures > 1 ? "stale" : "catching-up");
  connected = wanted();
  try {
    const token = await fetchToken(connected);
    if (failures >= STREAM_FAILURES_BEFORE_POLLING) await poll(token);
    else stream(token);
  } catch {
    failed();
  }
}

/** @param {string} channels @returns {Promise<string>} */
async function fetchToken(channels) {
  const answer = await fetch(`/live/token?channels=${encodeURIComponent(channels)}`, {
    cache: "no-store",
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const body = await answer.json();
  spreadClock(body.now);
  return body.token;
}

/** @param {string} token */
function stream(token) {
  const after = position ? `&after=${position}` : "";
  const opened = new EventSource(`/live/stream?token=${encodeURIComponent(token)}${after}`);
  source = opened;
  opened.addEventListener("message", (event) => {
    alive(event);
    spread(JSON.parse(event.data));
  });
  opened.addEventListener("ready", (event) => {
    failures = 0;
    alive(event);
    say("live");
  });
  opened.addEventListener("clock", (event) => {
    alive(event);
    spreadClock(Number(event.data));
  });
  opened.addEventListener("closing", (event) => {
    opened.close();
    if (event.data === "signed_out") return say("signed-out");
    reconnectSoon(Math.random() * 1000);
  });
  opened.addEventListener("error", () => {
    opened.close();
    failed();
  });
  alive();
}

/** @param {string} token */
async function poll(token) {
  const after = position ? `&after=${position}` : "";
  const answer = await fetch(`/live/poll?token=${encodeURIComponent(token)}${after}`, {
    cache: "no-store",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  const body = await answer.json();
  position = body.position;
  spreadClock(body.now);
  for (const payload of body.events) spread(payload);
  say("polling");
  failures = (failures + 1) % (STREAM_FAILURES_BEFORE_POLLING + 10);
  reconnectSoon(POLL_MS);
}

/** Note that the stream speaks, and listen for its silence. @param {MessageEvent} [event] */
function alive(event) {
  if (event?.lastEventId) position = event.lastEventId;
  clearTimeout(silence);
  silence = setTimeout(failed, SILENCE_MS);
}

function failed() {
  source?.close();
  source = null;
  failures += 1;
  say(failures > 1 ? "stale" : "catching-up");
  const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures, 5), LONGEST_RETRY_MS);
  reconnectSoon(wait * (0.5 + Math.random() / 2));
}

/** @param {any} payload */
function spread(payload) {
  bus?.postMessage({ kind: "event", payload });
  deliver(payload);
}

/** @param {any} payload */
function deliver(payload) {
  const mine = own();
  const privately = String(payload.channel).startsWith("member:");
  if (!privately && !mine.includes(payload.channel)) return;
  for (const subscription of subscriptions) subscription.onEvent(payload);
  if (payload.type === "signed_out") show("signed-out");
}

/** @param {Connection} state */
function say(state) {
  if (state === connection) return;
  bus?.postMessage({ kind: "state", state });
  show(state);
}

/** @param {Connection} state */
function show(state) {
  connection = state;
  for (const subscription of subscriptions) subscription.onState?.(state);
}

/** @param {number} now */
function spreadClock(now) {
  bus?.postMessage({ kind: "clock", now });
  tellClock(now);
}

/** @param {number} now */
function tellClock(now) {
  for (const subscription of subscriptions) subscription.onClock?.(now);
}
