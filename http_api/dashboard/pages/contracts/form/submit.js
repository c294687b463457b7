// Sends a contract's form and answers the contract as it is then.
import { call } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { t } from "../../../lib/i18n.js";
import { textOf, wireValueOf } from "./fields.js";
import { toast } from "../../../components/toast.js";

/**
 * Each stores the contract as a draft; signing is started from the draft itself.
 * @type {Record<string, (base: any) => [method: string, path: string]>}
 */
const PATHS = {
  create: () => ["POST", "/contracts/miniprogram/create"],
  edit: ({ id }) => ["PUT", `/contracts/${id}`],
  changeWorker: ({ id }) => ["POST", `/contracts/change-worker/${id}`],
  renew: ({ id }) => ["POST", `/contracts/${id}/renew`],
};

/**
 * @typedef {object} Form
 * @property {string} mode create, edit, changeWorker or renew
 * @property {boolean} second a second contract of a customer who has one
 * @property {string} category
 * @property {string[]} names of the fields
 * @property {Record<string, string>} values
 * @property {Rest.ContractDetail | undefined} base the contract that the form was filled from
 * @property {ReturnType<typeof import("./template.js").useTemplate>} template
 * @property {{ text?: string, key?: string, kind?: string }} attempt the last one: its body and idempotency key, and
 * the button that was pressed
 */

/**
 * Throws ApiError when the server refuses.
 * @param {Form} form
 * @returns {Promise<Rest.ContractDetail>}
 */
export async function sendForm(form) {
  const { mode, base, attempt } = form;
  const body = mode === "edit" ? editOf(form) : newOf(form);
  const [method, path] = PATHS[mode](base);
  /** @type {Record<string, string>} */
  const headers = mode === "edit" ? {} : { "Idempotency-Key": keyOf(attempt, path, body) };
  const { data, message } = await call(method, path, { body, headers });
  toast(message || t("action.done"));
  return data;
}

/** @param {Form} form */
function newOf({ mode, category, names, values, template, second }) {
  const entered = names.map((name) => [name, wireValueOf(name, values[name] ?? "")]);
  const stated = entered.filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(stated),
    ...(mode === "create" ? { orderCategory: category } : {}),
    ...(mode === "create" && category === "training" ? { contractType: catalogue.contractTypes.training[0] } : {}),
    ...(second ? { forceCreateNew: true } : {}),
    ...templateOf(template, values),
  };
}

/**
 * Only what was changed, with the version of the contract that the form was filled from.
 * @param {Form} form
 */
function editOf({ names, values, base, template }) {
  const changed = names.filter((name) => values[name] !== textOf(base, name));
  return {
    ...Object.fromEntries(changed.map((name) => [name, wireValueOf(name, values[name])])),
    ...(template.dirty ? templateOf(template, values) : {}),
    version: base?.version,
  };
}

/** @type {(template: Form["template"], values: Form["values"]) => object} */
const templateOf = (template, values) => (template.enabled && template.number
  ? { templateNo: template.number, templateParams: template.params(values.contractType) } : {});

/**
 * The idempotency key: the same for the same form sent again, so that network failures create one contract.
 * @param {Form["attempt"]} attempt
 * @param {string} path
 * @param {unknown} body
 * @returns {string}
 */
function keyOf(attempt, path, body) {
  const text = path + JSON.stringify(body);
  if (attempt.text !== text) {
    attempt.text = text;
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // also where the page is not served securely
    attempt.key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return /** @type {string} */ (attempt.key);
}
