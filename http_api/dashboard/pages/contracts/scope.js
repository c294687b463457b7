// Whose contracts the reader sees.
import { session } from "../../lib/session.js";
import { seesAll } from "./words.js";

/** The reader's id when they see their own contracts only; they hear of one that goes to somebody else, too. */
export function useOwnScope() {
  const { user } = session.get();
  return seesAll(user) ? "" : user.id;
}
