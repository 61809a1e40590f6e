// Forms that help while they are filled in: every form works without this file.
"use strict";
(() => {
  // A field that proposes: a combobox whose list the server fills by what is typed. A list of choices becomes one too; it keeps what was chosen.
  let lists = 0;
  for (const asked of document.querySelectorAll("[data-pick]")) {
    let field = asked;
    if (asked.tagName === "SELECT") {
      field = document.createElement("input");
      for (const name of ["id", "name", "data-pick", "aria-invalid", "aria-describedby"]) if (asked.hasAttribute(name)) field.setAttribute(name, asked.getAttribute(name));
      field.value = asked.value;
      asked.replaceWith(field);
    }
    const form = field.form, list = document.createElement("ul"), called = document.createElement("span");
    list.id = "picks-" + ++lists; list.hidden = true; list.className = "picks"; list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", (form.querySelector(`label[for="${CSS.escape(field.id)}"]`) || field).textContent.trim().replace(/\s+/g, " "));
    called.className = "note";
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id], ["autocomplete", "off"]]) field.setAttribute(name, value);
    field.after(list, called);
    let turn = 0, waits, at = -1;
    const options = () => [...list.children].filter((o) => o.dataset.value !== undefined && !o.hasAttribute("aria-disabled"));
    const shut = () => { turn++; clearTimeout(waits); list.hidden = true; at = -1; field.setAttribute("aria-expanded", "false"); field.removeAttribute("aria-activedescendant"); };
    const take = (o) => {
      field.value = o.dataset.value;
      const name = o.textContent.trim().replace(/\s+/g, " ");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      called.textContent = name;
      shut();
    };
    const mark = (to) => {
      const all = options();
      all.forEach((o) => o.setAttribute("aria-selected", "false"));
      at = all.length ? (to + all.length) % all.length : -1;
      if (at < 0) return;
      all[at].setAttribute("aria-selected", "true");
      all[at].scrollIntoView({ block: "nearest" });
      field.setAttribute("aria-activedescendant", all[at].id);
    };
    const ask = async () => {
      const mine = ++turn, to = new URL(field.dataset.pick, location.href);
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && value && value.length < 200 && /^(clause|refers_to|enterprise|project|award|date)$/.test(name)) to.searchParams.set(name, value);
      }
      if (field.value.trim()) to.searchParams.set("q", field.value.trim());
      const answer = await fetch(to).catch(() => null);
      if (mine !== turn || !answer || !answer.ok) return;
      list.innerHTML = await answer.text();
      if (mine !== turn) return;
      [...list.children].forEach((o, i) => { o.id = list.id + "-" + i; });
      list.hidden = false; at = -1;
      field.setAttribute("aria-expanded", "true");
    };
    field.addEventListener("input", () => { called.textContent = ""; clearTimeout(waits); waits = setTimeout(ask, 150); });
    field.addEventListener("keydown", (e) => {
      if (e.key === "Escape" && !list.hidden) { shut(); e.preventDefault(); }
      else if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        if (list.hidden) ask().then(() => mark(0)); else mark(at + (e.key === "ArrowDown" ? 1 : -1));
      } else if (e.key === "Enter" && !list.hidden && at >= 0) { e.preventDefault(); take(options()[at]); }
      else if (e.key === "Tab") shut();
    });
    field.addEventListener("blur", () => setTimeout(shut, 150));
    list.addEventListener("mousedown", (e) => {
      e.preventDefault(); // the field keeps the focus
      const o = e.target.closest("li");
      if (o && options().includes(o)) take(o);
    });
  }
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
    if (form.elements.draft) ask(); // its values were filled in after the page was reckoned
    form.addEventListener("input", (e) => {
      if (!names.includes((e.target.name || "").split(".")[0])) return;
      shown.setAttribute("aria-busy", "true");
      clearTimeout(waits);
      waits = setTimeout(() => ask().finally(() => shown.removeAttribute("aria-busy")), 250);
    });
  }
  // A file that is chosen beside a text is read into it, to be looked over there: the file itself is not sent.
  for (const file of document.querySelectorAll("input[data-into]")) {
    file.hidden = false;
    file.addEventListener("change", async () => {
      if (file.files.length) document.getElementById(file.dataset.into).value = await file.files[0].text();
    });
  }
})();
