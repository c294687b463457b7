// The language and the theme, each one press away.
import { html } from "../lib/view.js";
import { otherLanguage, setLanguage, t } from "../lib/i18n.js";
import { useLanguage, useTheme } from "../lib/hooks.js";
import { Icon } from "./icons.js";
import { toastError } from "./toast.js";

export function LanguageSwitch() {
  useLanguage();
  const change = () => setLanguage(otherLanguage()).catch(toastError);
  return html`<button type="button" class="switch" onClick=${change} title=${t("switch.language")}
    aria-label=${t("switch.language")} data-testid="language-switch">
    ${otherLanguage() === "en" ? "EN" : "中"}</button>`;
}

export function ThemeSwitch() {
  const theme = useTheme();
  const label = t(theme === "dark" ? "switch.light" : "switch.dark");
  return html`<button type="button" class="switch" onClick=${window.dashboardTheme.toggle} title=${label}
    aria-label=${label} data-testid="theme-switch">
    <${Icon} name=${theme === "dark" ? "sun" : "moon"} /></button>`;
}
