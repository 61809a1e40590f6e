// Keys, the live badge and nothing else: every page reads and works without this file.
"use strict";
(() => {
  const typing = (e) => /^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) || e.target.isContentEditable;
  const jumps = { h: "/", o: "/overview", e: "/enterprises", a: "/applications", c: "/clauses", p: "/payouts", k: "/clawbacks", j: "/journal" };
  let waiting = false;
  const rows = () => [...document.querySelectorAll("main tbody tr")];
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((r) => r.classList.contains("here"));
    const next = Math.max(0, Math.min(all.length - 1, now + by));
    all.forEach((r) => r.classList.remove("here"));
    all[next].classList.add("here");
    all[next].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key === "k") {
      const bar = document.getElementById("search");
      if (bar) { bar.focus(); bar.select(); e.preventDefault(); }
      return;
    }
    if (typing(e) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (waiting) {
      waiting = false;
      if (jumps[e.key]) location.href = jumps[e.key];
      return;
    }
    const help = document.getElementById("keys");
    switch (e.key) {
      case "/": { const q = document.querySelector("main input[type=search]") || document.getElementById("search"); if (q) { q.focus(); e.preventDefault(); } break; }
      case "g": waiting = true; setTimeout(() => { waiting = false; }, 1200); break;
      case "j": move(1); break;
      case "k": move(-1); break;
      case "Enter": { const link = document.querySelector("tr.here a"); if (link) link.click(); break; }
      case "[": case "]": { const beside = document.querySelector(e.key === "[" ? ".beside a[rel=prev]" : ".beside a[rel=next]"); if (beside) beside.click(); break; }
      case "?": if (help) { help.open ? help.close() : help.showModal(); } break;
    }
  });
  // Several cases: a click while Shift is held chooses all between it and the one before.
  const boxes = [...document.querySelectorAll("form.together input[type=checkbox]")];
  let before = -1;
  boxes.forEach((box, at) => box.addEventListener("click", (e) => {
    if (e.shiftKey && before >= 0) boxes.slice(Math.min(at, before), Math.max(at, before) + 1).forEach((other) => { other.checked = box.checked; });
    before = at;
  }));
  // A field that names an enterprise offers those whose name has what is typed: what is chosen is the code, which the list is narrowed by.
  for (const field of document.querySelectorAll("input[data-suggest]")) {
    let asked = 0;
    field.addEventListener("input", async () => {
      const text = field.value.trim(), turn = ++asked;
      if (!text || text.length > 100) return;
      try {
        const answer = await fetch(field.dataset.suggest + "?limit=8&q=" + encodeURIComponent(text), { headers: { Accept: "application/json" } });
        if (!answer.ok || turn !== asked) return;
        const { rows } = await answer.json();
        field.list.replaceChildren(...rows.map((row) => new Option(row.name, row.enterprise)));
      } catch { /* nothing is offered, and the field takes what is typed */ }
    });
  }
  const slider = document.getElementById("replay");
  if (slider) {
    const steps = [...document.querySelectorAll("ol.steps > li")];
    const show = () => steps.forEach((li, i) => { li.hidden = i > Number(slider.value); });
    slider.addEventListener("input", show);
    document.addEventListener("keydown", (e) => {
      if (typing(e) && e.target !== slider) return;
      const to = { ArrowLeft: slider.value - 1, ArrowRight: Number(slider.value) + 1, Home: 0, End: slider.max }[e.key];
      if (to === undefined) return;
      slider.value = to; show(); e.preventDefault();
    });
    show();
  }
  const badge = document.getElementById("live");
  if (badge && window.EventSource) {
    const shown = Number(badge.dataset.seq);
    const stream = new EventSource("/v1/stream");
    stream.addEventListener("position", (e) => {
      const at = JSON.parse(e.data);
      badge.textContent = badge.dataset.label + " " + at.projected + (at.projected > shown ? " ↻" : "");
      badge.classList.toggle("stale", at.projected > shown);
    });
    addEventListener("pagehide", () => stream.close());
  }
})();
