
"use strict";
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const list = document.getElementById("list");
  const shown = document.getElementById("shown");
  const all = [...list.querySelectorAll("article")];
  const texts = all.map((article) => article.textContent.toLowerCase() + " " + article.dataset.rule);
  const value = (name) => (form.elements[name] ? form.elements[name].value : "");

  const fits = (article, text, words, severities, service, rule) =>
    severities.has(article.dataset.severity) &&
    (!service || article.dataset.services.split(" ").includes(service)) &&
    (!rule || article.dataset.rule === rule) &&
    words.every((word) => text.includes(word));

  const filter = () => {
    const words = value("q").toLowerCase().split(/\s+/).filter(Boolean);
    const boxes = [...form.querySelectorAll("input[name=severity]")];
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    all.forEach((article, index) => {
      const fit = fits(article, texts[index], words, severities, value("service"), value("rule"));
      article.hidden = !fit;
      if (fit) count += 1;
    });
    shown.textContent = count === all.length ? `All ${count} findings are shown.` : `${count} of ${all.length} findings are shown.`;
  };

  const order = () => {
    const by = (article) => Number(article.dataset.place);
    const sorted = value("order") === "file" ? [...all].sort((a, b) => by(a) - by(b)) : all;
    list.append(...sorted);
  };

  // A link to a finding that is filtered out shows all again.
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.hidden) {
      form.reset();
      target.scrollIntoView();
    }
  };

  form.addEventListener("input", filter);
  form.addEventListener("change", order);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { filter(); order(); }));
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => { for (const it of document.querySelectorAll("details")) it.open = true; });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-rule], a[data-service]");
    if (!link) return;
    form.reset();
    for (const name of ["rule", "service"]) {
      if (link.dataset[name] !== undefined && form.elements[name]) form.elements[name].value = link.dataset[name];
    }
    setTimeout(() => { filter(); document.getElementById("h-findings").focus(); });
  });
  form.hidden = false;
  filter();
  follow();
})();
