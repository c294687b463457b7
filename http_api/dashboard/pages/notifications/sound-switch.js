// Turns the tone for new notifications on and off.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { sound, toggleSound } from "./sound.js";

export function SoundSwitch() {
  const on = useStore(sound);
  return html`<${Button} kind="ghost" iconOnly icon=${on ? "soundOn" : "soundOff"} pressed=${on}
    label=${t(on ? "notice.soundOff" : "notice.soundOn")} action=${toggleSound} testId="notice-sound" />`;
}
