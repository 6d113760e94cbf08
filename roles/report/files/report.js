(function () {
  "use strict";
  var byId = function (id) { return document.getElementById(id); };
  var list = byId("rows"), rows = Array.from(list.children), search = byId("search"), sort = byId("sort");
  var finding = byId("finding"), place = byId("place"), broken = byId("broken"), texts = new Map();
  var chips = Array.from(document.querySelectorAll("[data-severity]"));
  var pressed = function (button) { return button.getAttribute("aria-pressed") === "true"; };
  var press = function (button, on) { button.setAttribute("aria-pressed", String(on)); };
  var words = function (row, name) { return row.dataset[name].split(" "); };

  function text(row) {
    if (!texts.has(row)) { texts.set(row, (row.textContent + " " + row.dataset.place).toLowerCase()); }
    return texts.get(row);
  }

  function filter() {
    var wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    var severities = chips.filter(pressed).map(function (chip) { return chip.dataset.severity; });
    rows.forEach(function (row) {
      var fits = wanted.every(function (word) { return text(row).includes(word); })
        && (!severities.length || severities.some(function (each) { return words(row, "severities").includes(each); }))
        && (!finding.value || words(row, "findings").includes(finding.value))
        && (!place || !place.value || row.dataset.place === place.value)
        && (!broken || !pressed(broken) || row.dataset.broken === "1");
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    byId("count").textContent = shown + " of " + rows.length;
    byId("nothing").hidden = shown > 0 || rows.length === 0;
  }

  var order = {
    severity: function (a, b) { return a.dataset.rank - b.dataset.rank; },
    name: function (a, b) { return a.dataset.name.localeCompare(b.dataset.name); },
    owner: function (a, b) {
      return !a.dataset.owner - !b.dataset.owner || a.dataset.owner.localeCompare(b.dataset.owner) || a.dataset.rank - b.dataset.rank;
    },
    findings: function (a, b) { return b.dataset.count - a.dataset.count || a.dataset.rank - b.dataset.rank; },
    outdated: function (a, b) { return b.dataset.outdated - a.dataset.outdated || a.dataset.rank - b.dataset.rank; },
    instances: function (a, b) { return b.dataset.instances - a.dataset.instances || a.dataset.rank - b.dataset.rank; }
  };

  function reset() {
    search.value = finding.value = "";
    if (place) { place.value = ""; }
    chips.concat(broken || []).forEach(function (button) { press(button, false); });
    filter();
  }

  function move(step) {
    var visible = rows.filter(function (row) { return !row.hidden; });
    visible.sort(function (a, b) { return a.compareDocumentPosition(b) & 4 ? -1 : 1; });
    var at = visible.indexOf(document.activeElement.closest(".row"));
    var next = visible[at < 0 ? (step > 0 ? 0 : visible.length - 1) : Math.min(Math.max(at + step, 0), visible.length - 1)];
    if (next) {
      next.firstElementChild.focus({ preventScroll: true });
      next.scrollIntoView({ block: "center" });
    }
  }

  function turn() {
    var root = document.documentElement;
    var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }

  function toggleAll() {
    var visible = rows.filter(function (row) { return !row.hidden; });
    var open = visible.some(function (row) { return !row.open; });
    visible.forEach(function (row) { row.open = open; });
  }

  search.addEventListener("input", filter);
  [finding, place].forEach(function (each) { if (each) { each.addEventListener("change", filter); } });
  sort.addEventListener("change", function () {
    rows.slice().sort(order[sort.value]).forEach(function (row) { list.appendChild(row); });
  });
  chips.concat(broken || []).forEach(function (button) {
    button.addEventListener("click", function () { press(button, !pressed(button)); filter(); });
  });
  document.querySelectorAll("[data-finding]").forEach(function (button) {
    button.addEventListener("click", function () {
      reset();
      finding.value = button.dataset.finding;
      filter();
      byId("applications").scrollIntoView();
      finding.focus({ preventScroll: true });
    });
  });
  byId("reset").addEventListener("click", reset);
  byId("theme").addEventListener("click", turn);
  byId("print").addEventListener("click", function () { print(); });

  var keys = { "j": function () { move(1); }, "k": function () { move(-1); }, "t": turn, "e": toggleAll, "/": function () { search.focus(); } };
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { reset(); document.activeElement.blur(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) { return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // Rows are printed as they are shown, open or closed.
  addEventListener("beforeprint", function () {
    document.querySelectorAll(".more").forEach(function (each) { each.open = true; });
  });
})();
