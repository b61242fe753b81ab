// The kept column says at once what is picked; without this it says so after the merge.
import {on} from "./page.js";

on("change", "[data-merge] .choose input[type=radio]", (_event, radio) => {
  const kept = radio.closest(".choose").querySelector(".kept");
  const value = kept.querySelector("[data-kept-value]");
  value.textContent = radio.dataset.kept || value.dataset.none;
  kept.querySelector("[data-kept-why]").textContent = radio.dataset.why;
});
