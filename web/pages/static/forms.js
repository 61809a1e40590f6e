// Forms that help while they are filled in: every form works without this file.
"use strict";
(() => {
  for (const shown of document.querySelectorAll(".headroom[data-at]")) {
    const form = shown.closest("form"), names = shown.dataset.fields.split(" ");
    let asked = 0, waits;
    const ask = async () => {
      const turn = ++asked, at = new URL(shown.dataset.at, location.href);
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && value && names.includes(name.split(".")[0])) at.searchParams.set(name, value);
      }
      try {
        const answer = await fetch(at);
        const text = answer.ok ? await answer.text() : "";
        if (turn === asked) shown.innerHTML = text; // what was asked later is answered last
      } catch { if (turn === asked) shown.textContent = ""; } // nothing is better than what was so before
    };
    form.addEventListener("input", (e) => {
      if (!names.includes((e.target.name || "").split(".")[0])) return;
      shown.setAttribute("aria-busy", "true");
      clearTimeout(waits);
      waits = setTimeout(() => ask().finally(() => shown.removeAttribute("aria-busy")), 250);
    });
  }
})();
