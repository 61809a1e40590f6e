// The player's keys and clock, the sliders of what-ifs, dropping a file: every page works without this file.
"use strict";
(() => {
  const player = document.getElementById("player");
  if (player) {
    const go = (id) => { const a = document.getElementById(id); if (a && a.href) location.replace(a.href); };
    const typing = (e) => /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && e.target.type !== "range";
    document.addEventListener("keydown", (e) => {
      if (typing(e) || e.ctrlKey || e.metaKey || e.altKey) return;
      const to = { ArrowLeft: "prev", ArrowRight: "next", Home: "first", End: "last", " ": player.dataset.play === "true" ? "stop" : "play" }[e.key];
      if (!to || (e.key === " " && /^(A|BUTTON|SUMMARY)$/.test(e.target.tagName))) return;
      e.preventDefault();
      go(to);
    });
    const slider = document.getElementById("step");
    if (slider) slider.addEventListener("change", () => { const u = new URL(location.href); u.searchParams.set("step", slider.value); location.replace(u); });
    if (player.dataset.play === "true") setTimeout(() => go(document.getElementById("next") ? "next" : "stop"), 1500);
  }
  for (const range of document.querySelectorAll("input.cap")) {
    const field = document.getElementById(range.dataset.for);
    range.hidden = false;
    range.addEventListener("input", () => { field.value = range.value + ".00"; });
    field.addEventListener("input", () => { const n = Number(field.value); if (Number.isFinite(n)) range.value = n; });
  }
  const drop = document.getElementById("drop");
  if (drop) {
    addEventListener("dragover", (e) => { e.preventDefault(); drop.classList.add("over"); });
    addEventListener("dragleave", () => drop.classList.remove("over"));
    addEventListener("drop", (e) => {
      e.preventDefault();
      drop.classList.remove("over");
      if (!e.dataTransfer.files.length) return;
      const to = document.getElementById(/\.ya?ml$/i.test(e.dataTransfer.files[0].name) ? "map" : "file");
      to.files = e.dataTransfer.files;
    });
  }
})();
