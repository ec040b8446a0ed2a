"""The little style and script of the screener page: dialogs open, filters apply, pages turn."""

STYLE = (
    "body{font:13px sans-serif}[aria-hidden=true].dialog-container{display:none}.dialog-container{position:absolute;"
    "background:#fff;border:1px solid #999;padding:8px;z-index:9}.options{max-height:240px;overflow:auto}"
    ".left-content[hidden]{display:none}.options label{display:block}"
    ".menuContainer{display:inline-block;position:relative}"
    "[data-testid=filter-selector]{display:inline-block}td,th{padding:1px 4px;white-space:nowrap}"
)

SCRIPT = r"""
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const first = JSON.parse(document.body.dataset.state);
  const state = {regions: [first.region], bands: [], start: first.start, count: first.count};
  let asked = 0;

  const show = (dialog, open) => dialog.setAttribute("aria-hidden", String(!open));
  const close = () => $$(".dialog-container").forEach(dialog => show(dialog, false));

  async function load() {
    const mine = ++asked, table = $("[data-testid=screener-table]");
    table.setAttribute("aria-busy", "true");
    const query = new URLSearchParams({
      start: state.start, count: state.count, regions: state.regions.join(","), caps: state.bands.join(","),
    });
    let answer;
    try {
      const response = await fetch("/v1/finance/screener/rows?" + query);
      if (!response.ok) throw new Error(response.status);
      answer = await response.json();
    } catch (error) {
      if (mine === asked) {
        $("tbody", table).innerHTML = "";
        $(".paginationContainer .total").textContent = "";
        table.setAttribute("data-error", String(error));
        table.setAttribute("aria-busy", "false");
      }
      return;
    }
    if (mine !== asked) return;
    table.removeAttribute("data-error");
    $("tbody", table).innerHTML = answer.rows;
    $(".paginationContainer .total").textContent = answer.total;
    $(".paginationContainer .value").textContent = state.count;
    $("[data-testid=next-page-button]").disabled = answer.last;
    $("[data-testid=prev-page-button]").disabled = state.start === 0;
    table.setAttribute("aria-busy", "false");
  }

  function turn(start) {
    state.start = Math.max(0, start);
    history.pushState({}, "", "?start=" + state.start + "&count=" + state.count);
    load();
  }

  function amount(text) {
    const match = /^\s*([\d.]+)\s*([kmbt]?)\s*$/i.exec(text.replaceAll(",", ""));
    const factors = {"": 1, k: 1e3, m: 1e6, b: 1e9, t: 1e12};
    return match ? String(Math.round(Number(match[1]) * factors[match[2].toLowerCase()])) : "";
  }

  const apply = {
    region(dialog) {
      const chosen = $$("input[type=checkbox]:checked", dialog);
      state.regions = chosen.map(box => box.id);
      return chosen.map(box => box.parentElement.title).join(", ");
    },
    intradaymarketcap(dialog) {
      const presets = $$("input[data-band]:checked", dialog);
      state.bands = presets.map(box => box.dataset.band);
      const chosen = presets.map(box => box.parentElement.title);
      const [low, high] = $$(".left-content input", dialog).map(box => amount(box.value));
      const kind = dialog.dataset.operator;
      if ($("#custom", dialog).checked && kind) {
        state.bands.push({gt: low + "-", lt: "-" + low, eq: low + "-" + low, btwn: low + "-" + high}[kind]);
        chosen.push("Custom");
      }
      return chosen.join(", ") || "Any";
    },
  };

  $$("[data-testid=filter-selector]").forEach(filter => {
    const dialog = $(".dialog-container", filter);
    $("[data-testid=filter-apply]", filter).addEventListener("click", () => {
      $(".menuBtn .value", filter).textContent = apply[filter.dataset.field](dialog);
      close();
      turn(0);
    });
    $("[data-testid=filter-reset]", filter).addEventListener("click", () => {
      $$("input[type=checkbox]", dialog).forEach(box => { box.checked = false; });
      $$(".left-content input", dialog).forEach(box => { box.value = ""; });
    });
    const search = $("input[placeholder='Search...']", filter);
    if (search) search.addEventListener("input", () => $$(".options label", filter).forEach(label => {
      label.style.display = label.title.toLowerCase().includes(search.value.toLowerCase()) ? "" : "none";
    }));
  });
  const custom = $(".custom"), bounds = $$(".left-content", custom);
  $("#custom").addEventListener("change", event => {
    custom.hidden = !event.target.checked;
    bounds.forEach(bound => { bound.hidden = true; });
  });
  $$("[data-operator]", custom).forEach(button => button.addEventListener("click", () => {
    custom.parentElement.dataset.operator = button.dataset.operator;
    bounds.forEach((bound, place) => { bound.hidden = place === 1 && button.dataset.operator !== "btwn"; });
  }));
  $$(".menuBtn").forEach(button => button.addEventListener("click", () => {
    const dialog = $(".dialog-container", button.parentElement), open = dialog.getAttribute("aria-hidden") === "true";
    close();
    show(dialog, open);
  }));
  $$("[role=option]").forEach(option => option.addEventListener("click", () => {
    state.count = Number(option.dataset.value);
    close();
    turn(0);
  }));
  $("[data-testid=next-page-button]").addEventListener("click", () => turn(state.start + state.count));
  $("[data-testid=prev-page-button]").addEventListener("click", () => turn(state.start - state.count));
  addEventListener("popstate", () => {
    const query = new URLSearchParams(location.search);
    state.start = Number(query.get("start") || 0);
    state.count = Number(query.get("count") || 25);
    load();
  });
})();
"""
