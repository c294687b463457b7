// One request, one envelope: the answer's data, or an ApiError that can be shown as it is.
import { language, t } from "./i18n.js";

const TIMEOUT_MS = 20_000;

export class ApiError extends Error {
  constructor(message, { code, status = 0, details = null, requestId = null, retryAfterSeconds = null }) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.requestId = requestId;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function queryString(query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** Resolves to the response when it is a success; raises ApiError otherwise. An abort by `signal` is passed
 * on as it is. */
export async function send(method, path, { body, query, token, signal, headers: more } = {}) {
  const headers = { "Accept-Language": language.get(), ...more };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TIMEOUT_MS);
  const stop = () => limit.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  try {
    const response = await fetch(`/api${path}${queryString(query)}`, {
      method, headers, signal: limit.signal, credentials: "same-origin", cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
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

async function failure(response) {
  const envelope = await response.json().catch(() => ({}));
  return new ApiError(envelope.message || t("error.unexpected"), {
    code: envelope.code || `HTTP_${response.status}`,
    status: response.status,
    details: envelope.details ?? null,
    requestId: envelope.requestId ?? response.headers.get("X-Request-Id"),
    retryAfterSeconds: Number(response.headers.get("Retry-After")) || null,
  });
}

export async function sendForEnvelope(method, path, options) {
  const response = await send(method, path, options);
  try {
    return await response.json();
  } catch {
    throw new ApiError(t("error.unexpected"), { code: "BAD_ANSWER", status: response.status });
  }
}
