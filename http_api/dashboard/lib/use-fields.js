// The state of a long form: what is typed in its fields, and their problems.
import { useRef, useState } from "./view.js";

/** @typedef {Record<string, string>} Values by the name of the field */

/**
 * `problemOf`: the problem of a field in words; undefined when there is none. `form` is the ref of the form.
 * @param {Values} start
 * @param {(name: string, values: Values) => string | undefined} problemOf
 */
export function useFields(start, problemOf) {
  const [values, setValues] = useState(start);
  const [problems, setProblems] = useState(/** @type {Record<string, string | undefined>} */ ({}));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));

  /** @param {Values} typed */
  function fill(typed) {
    setValues({ ...values, ...typed });
    const names = Object.keys(typed);
    if (names.some((name) => problems[name])) {
      setProblems({ ...problems, ...Object.fromEntries(names.map((name) => [name, undefined])) });
    }
  }
  /** @param {string} name @param {string} text */
  const set = (name, text) => fill({ [name]: text });
  /** @param {string} name */
  const check = (name) => setProblems({ ...problems, [name]: problemOf(name, values) });

  /**
   * The first field with a problem gets the focus.
   * @param {string[]} names in their order
   * @param {Record<string, string | undefined>} found
   */
  function show(names, found) {
    setProblems(found);
    const wrong = names.find((name) => found[name]);
    const field = wrong && form.current?.querySelector(`[name="${wrong}"]`);
    if (field) /** @type {HTMLElement} */ (field).focus();
    return wrong === undefined;
  }
  /** @param {string[]} names */
  const areValid = (names) => show(names, Object.fromEntries(names.map((name) => [name, problemOf(name, values)])));
  /**
   * Shows the problems of fields that a refusal names.
   * @param {string[]} names
   * @param {import("./http.js").ApiError} error
   */
  function refused(names, error) {
    /** @type {{ field: string, problem: string }[]} */
    const fields = error.details?.fields ?? [];
    show(names, Object.fromEntries(fields.map(({ field, problem }) => [field, problem])));
  }
  return { form, values, setValues, problems, fill, set, check, areValid, refused };
}
