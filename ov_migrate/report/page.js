const search = document.getElementById("search");
const shown = document.getElementById("shown");
const files = all("details.file").map((element) => ({
  element, name: element.dataset.path.toLowerCase(),
  sites: all(".site", element).map((site) => ({ element: site, text: site.textContent.toLowerCase() })),
}));
const pressed = (name) => new Set(all(`button[data-${name}][aria-pressed=true]`).map((button) => button.dataset[name]));
function filter() {
  const kinds = pressed("kind"), steps = pressed("step"), words = search.value.toLowerCase().trim();
  const free = !kinds.size && !steps.size && !words;
  let count = 0;
  for (const file of files) {
    let visible = 0;
    for (const { element, text } of file.sites) {
      const { kind, step } = element.dataset;
      const fits = (!kinds.size || kinds.has(kind)) && (!steps.size || steps.has(step)) &&
        (!words || text.includes(words) || file.name.includes(words));
      element.hidden = !fits;
      visible += fits;
    }
    file.element.hidden = !visible && !(free || (!kinds.size && !steps.size && file.name.includes(words)));
    count += visible;
  }
  shown.textContent = `${count} sites`;
}
for (const button of all(".filters button[aria-pressed]")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
search.addEventListener("input", filter);
const openAll = (open) => { for (const { element } of files) element.open = open; };
document.getElementById("open").addEventListener("click", () => openAll(true));
document.getElementById("close").addEventListener("click", () => openAll(false));
addEventListener("beforeprint", () => openAll(true));

let current = null;
function go(list, by) {
  const visible = list.filter((element) => !element.closest("[hidden]"));
  if (!visible.length) return;
  const at = visible.indexOf(current);
  const next = visible[at < 0 ? (by > 0 ? 0 : visible.length - 1) : Math.min(Math.max(at + by, 0), visible.length - 1)];
  current?.classList.remove("current");
  current = next;
  current.classList.add("current");
  const file = current.closest("details.file");
  file.open = true;
  (current === file ? file.querySelector("summary") : current).focus({ preventScroll: true });
  current.scrollIntoView({ block: "center" });
}
onKeys(search, {
  j: () => go(all(".site"), 1), k: () => go(all(".site"), -1),
  n: () => go(all("details.file"), 1), p: () => go(all("details.file"), -1),
  o: () => openAll(true), c: () => openAll(false), t: () => theme.click(), "/": () => search.focus(),
});
filter();
