// The server's time, which all participants count by.
import { useEffect, useState } from "../../lib/view.js";
import { serverNow } from "./call.js";

/** The server's time, renewed every second. */
export function useServerTime() {
  const [now, setNow] = useState(serverNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
