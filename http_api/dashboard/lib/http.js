// One request to the REST interface: its response, or an ApiError whose message can be shown as it is.
import { language, t } from "./i18n.js";
import { queryText } from "./query.js";

const TIMEOUT_MS = 20_000;

/**
 * @typedef {object} RequestOptions
 * @property {unknown} [body] sent as JSON
 * @property {FormData} [form] sent instead of a body
 * @property {number} [timeoutMs]
 * @property {Record<string, unknown>} [query] empty values are left out
 * @property {string | null} [token]
 * @property {AbortSignal} [signal]
 * @property {Record<string, string>} [headers]
 */

/** @typedef {{ data: any, message: string }} Envelope */

export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {{ code: string, status?: number, details?: any, requestId?: string | null,
   *   retryAfterSeconds?: number | null }} answer
   */
  constructor(message, { code, status = 0, details = null, requestId = null, retryAfterSeconds = null }) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * The response, when it is a success. Throws ApiError otherwise; an abort by `signal` is thrown as it is.
 * @param {string} method
 * @param {string} path below `/api`
 * @param {RequestOptions} [options]
 */
export async function send(method, path, options = {}) {
  const { body, form, query, token, signal, headers: more, timeoutMs = TIMEOUT_MS } = options;
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": language.get(), ...more };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const stop = () => limit.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    const response = await fetch(`/api${path}${queryText(query)}`, {
      method, headers, signal: limit.signal, credentials: "same-origin", cache: "no-store",
      body: form ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
    if (!response.ok) throw await failure(response);
    return response;
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    const timedOut = limit.signal.aborted;
    throw new ApiError(t(timedOut ? "error.timeout" : "error.network"), { code: timedOut ? "TIMEOUT" : "NETWORK" });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

/** @param {Response} response */
async function failure(response) {
  const envelope = await response.json().catch(() => ({}));
  const requestId = envelope.requestId ?? response.headers.get("X-Request-Id");
  return refusal({ ...envelope, requestId }, response.status, Number(response.headers.get("Retry-After")) || null);
}

/**
 * The error that an envelope describes; without one (the body is none of ours) an unexpected one.
 * @param {{ message?: string, code?: string, details?: any, requestId?: string | null }} envelope
 * @param {number} status
 * @param {number | null} [retryAfterSeconds]
 */
export function refusal({ message, code, details = null, requestId = null }, status, retryAfterSeconds = null) {
  return new ApiError(message || t("error.unexpected"), {
    code: code || `HTTP_${status}`, status, details, requestId, retryAfterSeconds,
  });
}

/**
 * @param {string} method
 * @param {string} path
 * @param {RequestOptions} [options]
 * @returns {Promise<Envelope>}
 */
export async function sendForEnvelope(method, path, options) {
  const response = await send(method, path, options);
  try {
    return await response.json();
  } catch {
    throw new ApiError(t("error.unexpected"), { code: "BAD_ANSWER", status: response.status });
  }
}
