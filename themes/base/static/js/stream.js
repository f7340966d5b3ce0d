/**
 * One connection to the live gateway: a fresh token before each, a stream where streams work,
 * questions every few seconds where they do not, and after a gap whatever was missed.
 * @module
 */

/**
 * @typedef {"live" | "catching-up" | "stale" | "polling" | "signed-out"} State
 * @typedef {object} Listener
 * @property {(payload: any, position: string) => void} onPayload
 * @property {(state: State) => void} onState
 * @property {(offset: number) => void} onOffset how far the server's clock is ahead, milliseconds
 */

const SILENCE_MS = 40_000;
const POLL_MS = 3_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
const RENEW_SPREAD_MS = 1_000;
const FAILURES_BEFORE_POLLING = 3;
/** A gateway that started anew is found soon; where streams never get through, seldom tried. */
const FIRST_POLLS_BEFORE_STREAMING = 3;
const POLLS_BEFORE_STREAMING = 10;
const CLOCK_CHANGED_MS = 2_000;

export class Stream {
  /** @type {State} */
  state = "catching-up";
  /** Where in the events this browser is; empty before the first. */
  position = "";
  #listener;
  #channels = "";
  /** Channels somebody began to follow, whose lots are wanted as they are. @type {Set<string>} */
  #fresh = new Set();
  #failures = 0;
  #polls = 0;
  #heard = Date.now();
  #running = false;
  #signedIn = false;
  /** Tells an answer that came too late from one that is waited for. */
  #attempt = 0;
  /** @type {number | null} */
  #offset = null;
  #doubt = Infinity;
  /** @type {EventSource | null} */
  #source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  /**
   * Follow these channels from now on; the reader's own is added by the server.
   * @param {string[]} channels
   * @param {string[]} fresh those among them that a page just began to show
   */
  follow(channels, fresh) {
    const wanted = [...new Set(channels)].sort().join(",");
    for (const channel of fresh) this.#fresh.add(channel);
    if (this.#running && wanted === this.#channels && !fresh.length) return;
    if (this.state === "signed-out" && fresh.length) this.#say("catching-up");
    this.#channels = wanted;
    this.#running = true;
    this.#again(50);
  }

  /** Let go of the connection; the position is kept. */
  close() {
    this.#running = false;
    this.#drop();
  }

  /** Look after the connection: a page that slept knows nothing of a stream that broke. */
  check() {
    if (this.#running && Date.now() - this.#heard > SILENCE_MS) this.#failed();
  }

  /** Connect now rather than after the pause: the network is back, or the page is looked at. */
  hurry() {
    if (this.#running && this.state !== "live") this.#again(0);
  }

  /** @param {number} milliseconds */
  #again(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#connect(), milliseconds);
  }

  #drop() {
    clearTimeout(this.#timer);
    this.#attempt += 1;
    this.#source?.close();
    this.#source = null;
  }

  async #connect() {
    this.#drop();
    if (!this.#running || this.state === "signed-out") return;
    const attempt = this.#attempt;
    this.#heard = Date.now();
    try {
      const token = await this.#token();
      if (attempt !== this.#attempt) return;
      if (this.#failures >= FAILURES_BEFORE_POLLING) await this.#poll(token, attempt);
      else this.#listen(token);
    } catch {
      if (attempt === this.#attempt) this.#failed();
    }
  }

  /** @returns {Promise<string>} */
  async #token() {
    const asked = Date.now();
    const body = await json(`/live/token?channels=${encodeURIComponent(this.#channels)}`);
    const doubt = (Date.now() - asked) / 2;
    this.#compare(body.now + doubt - Date.now(), doubt);
    this.#know(body.channels.some((/** @type {string} */ channel) => channel.startsWith("member:")));
    return body.token;
  }

  /**
   * Notice that the reader is no longer signed in: it may have happened between two streams.
   * @param {boolean} signedIn
   */
  #know(signedIn) {
    if (this.#signedIn && !signedIn) {
      this.#drop();
      this.#say("signed-out");
    }
    this.#signedIn = signedIn;
  }

  /** @param {string} token */
  #query(token) {
    const query = new URLSearchParams({ token });
    if (this.position) query.set("after", this.position);
    if (this.#fresh.size) query.set("fresh", [...this.#fresh].join(","));
    return query;
  }

  /** @param {string} token */
  #listen(token) {
    const fresh = [...this.#fresh];
    const source = new EventSource(`/live/stream?${this.#query(token)}`);
    this.#source = source;
    source.addEventListener("message", (event) => {
      this.#alive(event);
      this.#listener.onPayload(JSON.parse(event.data), this.position);
    });
    source.addEventListener("ready", (event) => {
      this.#alive(event);
      this.#failures = 0;
      for (const channel of fresh) this.#fresh.delete(channel);
      this.#say("live");
    });
    source.addEventListener("clock", (event) => {
      this.#alive(event);
      this.#compare(Number(event.data) - Date.now(), Infinity);
    });
    source.addEventListener("closing", (event) => {
      this.#drop();
      if (event.data === "signed_out") this.#say("signed-out");
      else this.#again(Math.random() * RENEW_SPREAD_MS);
    });
    source.addEventListener("error", () => this.#failed());
  }

  /**
   * @param {string} token
   * @param {number} attempt
   */
  async #poll(token, attempt) {
    const fresh = [...this.#fresh];
    const body = await json(`/live/poll?${this.#query(token)}`);
    if (attempt !== this.#attempt) return;
    this.#heard = Date.now();
    this.position = body.position;
    for (const channel of fresh) this.#fresh.delete(channel);
    for (const payload of body.events) this.#listener.onPayload(payload, this.position);
    if (body.events.some((/** @type {any} */ payload) => payload.type === "signed_out")) {
      this.#say("signed-out");
      return;
    }
    this.#say("polling");
    this.#polls += 1;
    if (this.#polls % POLLS_BEFORE_STREAMING === FIRST_POLLS_BEFORE_STREAMING) {
      this.#failures = FAILURES_BEFORE_POLLING - 1;
    }
    this.#again(POLL_MS);
  }

  /** @param {MessageEvent} event */
  #alive(event) {
    this.#heard = Date.now();
    if (event.lastEventId) this.position = event.lastEventId;
  }

  #failed() {
    this.#drop();
    this.#failures += 1;
    this.#say(this.#failures > 1 ? "stale" : "catching-up");
    const wait = Math.min(FIRST_RETRY_MS * 2 ** Math.min(this.#failures, 5), LONGEST_RETRY_MS);
    this.#again(wait * (0.5 + Math.random() / 2));
  }

  /** @param {State} state */
  #say(state) {
    if (state === this.state) return;
    this.state = state;
    this.#listener.onState(state);
  }

  /**
   * Better the estimate of the server's clock. An answer is off by half its way at most; what the
   * stream tells is late by its way, so the server is never behind the earliest it said.
   * @param {number} offset
   * @param {number} doubt
   */
  #compare(offset, doubt) {
    const known = this.#offset;
    const changed = known !== null && Math.abs(offset - known) > CLOCK_CHANGED_MS;
    const better = doubt === Infinity ? known === null || offset > known : doubt <= this.#doubt;
    if (changed || better) {
      this.#offset = offset;
      if (changed || doubt !== Infinity) this.#doubt = doubt;
    }
    this.#listener.onOffset(this.#offset ?? offset);
  }
}

/**
 * @param {string} address
 * @returns {Promise<any>}
 */
async function json(address) {
  const answer = await fetch(address, {
    cache: "no-store",
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(SILENCE_MS / 2),
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
