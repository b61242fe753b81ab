// Everything a page does beyond HTML. Each module finds its own attributes and is not missed when it fails.
import "./once.js";
import "./guard.js";
import "./session.js";
import "./theme.js";
import "./menu.js";
import "./dialog.js";
import "./formset.js";
import "./likely.js";
import "./filter.js";
import "./toast.js";
import "./rows.js";
import "./keys.js";
import "./palette.js";
import "./pickers.js";
import "./passkeys.js";
import "./preview.js";
import "./drop.js";
import "./merge.js";

document.documentElement.classList.add("js");
