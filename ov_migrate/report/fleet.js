const search = document.getElementById("search");
const rule = document.getElementById("rule");
const shown = document.getElementById("shown");
const table = document.querySelector("#repositories tbody");
const rows = all("tr", table).map((element) => {
  const details = document.getElementById("r" + element.dataset.number);
  return {
    element, details, name: element.dataset.name.toLowerCase(), rules: new Set(element.dataset.rules.split("\n")),
    sites: details ? all(".site", details).map((site) => ({ element: site, text: site.textContent.toLowerCase() })) : [],
  };
});
function filter() {
  const states = new Set(all("button[data-state][aria-pressed=true]").map((button) => button.dataset.state));
  const words = search.value.toLowerCase().trim();
  let count = 0, left = 0;
  for (const { element, details, name, rules, sites } of rows) {
    const named = !words || name.includes(words);
    const fits = (!states.size || states.has(element.dataset.state)) && (!rule.value || rules.has(rule.value));
    let visible = 0;
    for (const site of sites) {
      const { rule: own } = site.element.dataset;
      site.element.hidden = !(fits && (!rule.value || own === rule.value) && (named || site.text.includes(words)));
      visible += !site.element.hidden;
    }
    element.hidden = !(fits && (named || visible));
    count += !element.hidden;
    left += visible;
    if (details) details.hidden = !visible;
  }
  for (const row of all("#rules tbody tr")) row.hidden = Boolean(rule.value) && row.dataset.rule !== rule.value;
  document.getElementById("nothing").hidden = left > 0;
  shown.textContent = `${count} of ${rows.length} repositories`;
}
for (const button of all(".filters button[aria-pressed]")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  });
}
search.addEventListener("input", filter);
rule.addEventListener("change", filter);

all("#repositories th button.sort").forEach((button, column) => {
  const head = button.parentElement;
  const numeric = head.classList.contains("number");
  button.addEventListener("click", () => {
    // Names start with the first one, numbers with the greatest.
    const first = numeric ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? (numeric ? "ascending" : "descending") : first;
    all("#repositories th").forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", order);
    const value = ({ element }) => element.cells[column].textContent;
    const compare = (a, b) => (numeric ? value(a) - value(b) : value(a).localeCompare(value(b)));
    rows.sort((a, b) => (order === "ascending" ? compare(a, b) : compare(b, a)));
    table.append(...rows.map(({ element }) => element));
  });
});

const openAll = (open) => { for (const { details } of rows) if (details) details.open = open; };
document.getElementById("open").addEventListener("click", () => openAll(true));
document.getElementById("close").addEventListener("click", () => openAll(false));
addEventListener("beforeprint", () => openAll(true));
const follow = () => {
  const details = document.getElementById(location.hash.slice(1));
  if (details instanceof HTMLDetailsElement) details.open = true;
};
addEventListener("hashchange", follow);
onKeys(search, {
  o: () => openAll(true), c: () => openAll(false), t: () => theme.click(), "/": () => search.focus(),
});
follow();
filter();
