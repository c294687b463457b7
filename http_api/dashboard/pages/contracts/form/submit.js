// Sends a contract's form as what it is, and answers the contract as it is then.
import { call } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { t } from "../../../lib/i18n.js";
import { sentOf, textOf } from "./fields.js";
import { toast } from "../../../components/toast.js";

const PATHS = {
  create: (base, kind) => ["POST", kind === "draft" ? "/contracts/miniprogram/create" : "/contracts"],
  edit: ({ id }) => ["PUT", `/contracts/${id}`],
  changeWorker: ({ id }) => ["POST", `/contracts/change-worker/${id}`],
  renew: ({ id }) => ["POST", `/contracts/${id}/renew`],
};

export async function sendForm(form) {
  const { mode, kind, base, attempt } = form;
  const body = mode === "edit" ? editOf(form) : newOf(form);
  const [method, path] = PATHS[mode](base, kind);
  const headers = mode === "edit" ? {} : { "Idempotency-Key": keyOf(attempt, path, body) };
  const { data, message } = await call(method, path, { body, headers });
  const { signing } = data;
  // The contract is there also when its signing could not begin; then that is what one has to know.
  const keys = [signing?.details?.missing, signing?.details?.invalid].flat().filter(Boolean).join("、");
  if (signing?.code) toast([t("contractForm.notSent"), signing.message, keys].filter(Boolean).join("："), "failed");
  else toast(message || t("action.done"));
  return data;
}

function newOf({ mode, category, names, values, template, second }) {
  const stated = names.map((name) => [name, sentOf(name, values[name] ?? "")]).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(stated),
    ...(mode === "create" ? { orderCategory: category } : {}),
    ...(mode === "create" && category === "training" ? { contractType: catalogue.contractTypes.training[0] } : {}),
    ...(second ? { forceCreateNew: true } : {}),
    ...templateOf(template, values),
  };
}

/** Only what was changed, with the version that the form was filled from. */
function editOf({ names, values, base, template }) {
  const changed = names.filter((name) => values[name] !== textOf(base, name));
  return {
    ...Object.fromEntries(changed.map((name) => [name, sentOf(name, values[name])])),
    ...(template.dirty ? templateOf(template, values) : {}),
    version: base.version,
  };
}

const templateOf = (template, values) => (template.enabled && template.number
  ? { templateNo: template.number, templateParams: template.params(values.contractType) } : {});

/** The same for the same form sent again, so that it is created once however often the network fails. */
function keyOf(attempt, path, body) {
  const text = path + JSON.stringify(body);
  if (attempt.text !== text) {
    attempt.text = text;
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // also where the page is not served securely
    attempt.key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  return attempt.key;
}
