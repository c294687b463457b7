// Light or dark, decided before the first paint (a classic script in the head, so that the page does not flash).
(() => {
  const KEY = "dashboard.theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;

  function stored() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be forbidden; the system's preference still holds
    }
  }

  function apply() {
    const theme = stored() ?? (system.matches ? "dark" : "light");
    if (root.dataset.theme === theme) return;
    root.dataset.theme = theme;
    window.dispatchEvent(new CustomEvent("themechange", { detail: theme }));
  }

  function toggle() {
    const wanted = root.dataset.theme === "dark" ? "light" : "dark";
    const matchesSystem = (wanted === "dark") === system.matches;
    try {
      // Choosing what the system shows anyway means following the system again.
      if (matchesSystem) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, wanted);
    } catch {
      root.dataset.theme = wanted;
    }
    apply();
  }

  window.dashboardTheme = { toggle, current: () => root.dataset.theme };
  system.addEventListener("change", apply);
  apply();
})();
