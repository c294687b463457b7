// Calls to the REST interface as the member of staff who is signed in.
import { send, sendForEnvelope } from "./http.js";
import { accessToken, accessTokenExpired, renew } from "./session.js";

async function authorised(work) {
  if (accessTokenExpired()) await renew();
  const used = accessToken();
  try {
    return await work(used);
  } catch (error) {
    if (error.status !== 401) throw error;
    if (accessToken() === used) await renew();
    return work(accessToken());
  }
}

/** The whole envelope, for callers that show the server's message. */
export function call(method, path, options = {}) {
  return authorised((token) => sendForEnvelope(method, path, { ...options, token }));
}

export async function get(path, query, signal) {
  return (await call("GET", path, { query, signal })).data;
}

/** Fetches a file with the bearer token and hands it to the browser as a download. */
export async function download(path, query, fallbackName) {
  const response = await authorised((token) => send("GET", path, { query, token }));
  const disposition = response.headers.get("Content-Disposition") ?? "";
  const named = /filename\*=UTF-8''([^;]+)|filename="?([^";]+)"?/i.exec(disposition);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = url;
  link.download = named ? decodeURIComponent(named[1] ?? named[2]) : fallbackName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
