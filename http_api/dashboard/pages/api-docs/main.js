// Documentation of the HTTP interface: look of the viewer, and the token of a log-in that the reader tries.

/** The log-ins, each with the security scheme that its token is for. */
const LOGINS = {
  "/api/auth/login": { scheme: "staff", field: "access_token" },
  "/api/miniprogram-users/login": { scheme: "miniProgramUser", field: "accessToken" },
};

/**
 * @typedef {object} Methods
 * @property {(document: object) => Promise<void>} loadSpec
 * @property {(scheme: string, token: string) => boolean} setApiKey
 * @typedef {HTMLElement & Methods} Viewer
 */
const viewer = /** @type {Viewer} */ (document.querySelector("rapi-doc"));

const narrow = window.matchMedia("(max-width: 768px)");

function paint() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(name).trim();
  const attributes = {
    // The contents, with the search, need a wide screen; a narrow one gets groups that open.
    "render-style": narrow.matches ? "view" : "focused",
    theme: document.documentElement.dataset.theme ?? "light",
    "bg-color": colour("--surface"),
    "text-color": colour("--text"),
    "primary-color": colour("--accent"),
    "nav-bg-color": colour("--bg"),
    "nav-text-color": colour("--text"),
    "nav-hover-bg-color": colour("--hover"),
    "nav-accent-color": colour("--accent"),
    "regular-font": colour("--font"),
    "mono-font": colour("--mono"),
  };
  for (const [name, value] of Object.entries(attributes)) viewer.setAttribute(name, value);
}

viewer.addEventListener("after-try", (event) => {
  const { request, responseBody } = /** @type {CustomEvent} */ (event).detail;
  const login = LOGINS[/** @type {keyof typeof LOGINS} */ (new URL(request.url).pathname)];
  const token = login && responseBody?.data?.[login.field];
  if (token) viewer.setApiKey(login.scheme, token);
});

window.addEventListener("themechange", paint);
narrow.addEventListener("change", paint);

/**
 * Labelled as 3.0: the viewer resolves 3.1 ten times slower, and shows what this document has of it alike, except
 * `patternProperties`, which it cannot draw.
 */
async function load() {
  const answer = await fetch("/api/docs/openapi.json");
  const document = JSON.parse(await answer.text(), withoutPatterns);
  await viewer.loadSpec({ ...document, openapi: "3.0.3" });
}

/**
 * @param {string} _name
 * @param {any} value
 */
function withoutPatterns(_name, value) {
  if (!value?.patternProperties) return value;
  const { patternProperties, ...schema } = value;
  return { ...schema, additionalProperties: Object.values(patternProperties)[0] };
}

paint();
void load();
