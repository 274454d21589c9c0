"use strict";
// Filters what is on the page by words and severity; without it everything still stands there.
for (const tools of document.querySelectorAll(".tools")) {
  const box = tools.querySelector("input[type=search]");
  const ticks = [...tools.querySelectorAll("input[type=checkbox]")];
  const told = tools.querySelector("output");
  const items = [...document.querySelectorAll(tools.dataset.filters)];
  const texts = items.map(item => item.textContent.toLowerCase().replace(/\s+/g, " "));
  // "baris 12" is not "baris 123": a number matches whole.
  const matcher = words => new RegExp(
    words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/^(?=\d)/, "(?<!\\d)").replace(/(?<=\d)$/, "(?!\\d)"));
  const apply = () => {
    const words = matcher(box.value.trim().toLowerCase().replace(/\s+/g, " "));
    const wanted = ticks.filter(tick => tick.checked).map(tick => tick.value);
    let shown = 0;
    items.forEach((item, at) => {
      const fits = words.test(texts[at]) && (!ticks.length || wanted.some(w => item.dataset.severity.includes(w)));
      item.hidden = !fits;
      shown += fits;
    });
    told.textContent = shown === items.length ? "" : `${shown.toLocaleString("id-ID")} dari ${items.length.toLocaleString("id-ID")}`;
  };
  tools.hidden = false;
  let soon;
  tools.addEventListener("input", () => { clearTimeout(soon); soon = setTimeout(apply, 120); });
}
const reveal = () => {
  const card = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (card && card.tagName === "DETAILS") { card.hidden = false; card.open = true; card.scrollIntoView(); }
};
addEventListener("hashchange", reveal);
reveal();
