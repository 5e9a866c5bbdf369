"use strict";
const [S, T, K, PATH, LINE, COLUMN, EXPRESSION, MODEL, ACCESS, CONFIDENCE, FUNCTION, SEEN, RAN] = [...Array(13).keys()];
const $ = id => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";
const rows = DATA.crossings;
const count = (list, key) => list.reduce((m, r) => m.set(key(r), (m.get(key(r)) || 0) + 1), new Map());
const names = [...new Set(rows.flatMap(r => [r[S], r[T]]))].sort();
const pairs = count(rows, r => r[S] + "\n" + r[T]);
const most = Math.max(1, ...pairs.values());
const MAX_SHOWN = 400;
const RUNS = {static: "the source shows it, no test ran it", runtime: "tests ran it, the source does not show it", both: "the source shows it, and tests ran it"};

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) name in element ? element[name] = value : element.setAttribute(name, value);
  element.append(...children);
  return element;
}
function draw(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}
function options(id, values, first) {
  $(id).append(make("option", {value: ""}, first), ...values.map(v => make("option", {value: v}, v)));
  $(id).addEventListener("change", show);
}
function choose(source, target) {
  const same = $("source").value === source && $("target").value === target;
  $("source").value = same ? "" : source;
  $("target").value = same ? "" : target;
  show();
}
function graph() {
  const centre = [320, 260], radius = names.length > 12 ? 150 : 195;
  const place = new Map(names.map((name, i) => {
    const angle = 2 * Math.PI * i / names.length - Math.PI / 2;
    return [name, [centre[0] + radius * Math.cos(angle), centre[1] + radius * Math.sin(angle)]];
  }));
  for (const [pair, n] of pairs) {
    const [source, target] = pair.split("\n");
    const [a, b] = [place.get(source), place.get(target)];
    const bend = [(a[0] + b[0]) / 2 + (b[1] - a[1]) * .18, (a[1] + b[1]) / 2 - (b[0] - a[0]) * .18];
    const path = draw("path", {d: `M${a} Q${bend} ${b}`, "stroke-width": 1 + 9 * Math.sqrt(n / most), "data-pair": pair});
    path.append(draw("title", {}, `${source} reaches into ${target}: ${n}`));
    path.addEventListener("click", () => choose(source, target));
    $("graph").append(path);
  }
  const many = names.length > 12;
  if (many) $("graph").setAttribute("viewBox", "-60 -20 760 560");
  for (const [name, [x, y]] of place) {
    const group = draw("g", {class: "node"});
    const out = rows.filter(r => r[S] === name).length, into = rows.filter(r => r[T] === name).length;
    const right = x >= centre[0] - 1, at = x + (right ? 14 : -14), anchor = right ? "start" : "end";
    const turn = Math.atan2(y - centre[1], x - centre[0]) * 180 / Math.PI + (right ? 0 : 180);
    const spoke = many ? {transform: `rotate(${turn} ${x} ${y})`} : {};
    const counted = `${out} out, ${into} in`;
    group.append(draw("circle", {cx: x, cy: y, r: (many ? 4 : 6) + Math.min(8, Math.sqrt(into) / 3)}),
      draw("text", {x: at, y: y + (many ? 4 : 1), "text-anchor": anchor, ...spoke}, name));
    if (many) group.append(draw("title", {}, `${name}: ${counted}`));
    else group.append(draw("text", {x: at, y: y + 15, "text-anchor": anchor, class: "count"}, counted));
    group.addEventListener("click", () => choose(name, ""));
    $("graph").append(group);
  }
}
function matrix() {
  const head = make("tr", {}, make("th"), ...names.map(n => make("th", {}, n)));
  const body = names.map(source => make("tr", {}, make("th", {}, source), ...names.map(target => {
    const n = pairs.get(source + "\n" + target) || 0;
    const cell = make("td", {className: source === target ? "own" : "", title: `${source} -> ${target}: ${n}`}, n || "");
    if (n) {
      cell.dataset.n = n;
      cell.style.background = `rgba(var(--heat),${.12 + .75 * Math.sqrt(n / most)})`;
      cell.addEventListener("click", () => choose(source, target));
    }
    return cell;
  })));
  $("matrix").append(make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}
function show() {
  const text = $("search").value.toLowerCase(), wanted = {[S]: $("source").value, [T]: $("target").value, [ACCESS]: $("access").value, [SEEN]: $("seen").value};
  const without = rows.filter(r => Object.entries(wanted).every(([i, v]) => !v || r[i] === v) &&
    (!text || [PATH, EXPRESSION, MODEL, FUNCTION].some(i => r[i].toLowerCase().includes(text))));
  const kind = $("kind").value, found = without.filter(r => !kind || r[K] === kind);
  $("count").textContent = `${found.length} of ${rows.length} crossings`;
  $("kinds").replaceChildren(...[...count(without, r => r[K])].sort((a, b) => b[1] - a[1]).map(([name, n]) => {
    const button = make("button", {type: "button", title: DATA.kinds[name].join(". Instead: "), className: name === kind ? "on" : ""}, `${name} ${n}`);
    button.addEventListener("click", () => { $("kind").value = name === kind ? "" : name; show(); });
    return button;
  }));
  const files = new Map();
  for (const r of found) files.has(r[PATH]) ? files.get(r[PATH]).push(r) : files.set(r[PATH], [r]);
  const open = files.size <= 4;
  $("files").replaceChildren(...[...files].map(([path, list]) => {
    const details = make("details", {open}, make("summary", {}, path, make("b", {}, String(list.length))));
    const fill = () => details.childElementCount > 1 || details.append(table(list));
    details.addEventListener("toggle", () => details.open && fill());
    if (open) fill();
    return details;
  }));
  for (const path of document.querySelectorAll("#graph path")) path.classList.toggle("on", path.dataset.pair === wanted[S] + "\n" + wanted[T]);
}
function table(list) {
  return make("table", {}, ...list.slice(0, MAX_SHOWN).map(r => make("tr", {title: `${r[FUNCTION]}. Instead: ${DATA.kinds[r[K]][1]}`},
    make("td", {className: "place"}, `${r[LINE]}:${r[COLUMN]}`), make("td", {className: "pair"}, `${r[S]} → ${r[T]}`),
    make("td", {className: "tag" + (r[ACCESS] === "read" ? "" : " write")}, r[K]),
    make("td", {}, make("code", {}, r[EXPRESSION])), make("td", {className: r[CONFIDENCE] === "low" ? "low" : ""}, r[MODEL] + (r[CONFIDENCE] === "low" ? " (guess)" : "")),
    ...(DATA.traced ? [make("td", {className: "seen " + r[SEEN], title: RUNS[r[SEEN]]}, r[RAN] ? `${r[SEEN]} ${r[RAN]}x` : r[SEEN])] : []))),
    ...(list.length > MAX_SHOWN ? [make("tr", {}, make("td", {}, `and ${list.length - MAX_SHOWN} more: filter to see them`))] : []));
}
$("summary").textContent = `${DATA.title}: ${rows.length} crossings between ${pairs.size} pairs of contexts, ${DATA.files} files read` + (DATA.problems.length ? `, ${DATA.problems.length} could not be read` : "") +
  (DATA.traced ? `; ${rows.filter(r => r[SEEN] === "both").length} of them seen by source and tests, ${rows.filter(r => r[SEEN] === "runtime").length} by tests alone` : "");
$("seen").parentElement.hidden = !DATA.traced;
options("source", names, "any"); options("target", names, "any");
options("kind", [...count(rows, r => r[K]).keys()].sort(), "any"); options("access", [...new Set(rows.map(r => r[ACCESS]))].sort(), "any"); options("seen", [...new Set(rows.map(r => r[SEEN]))].sort(), "any");
$("search").addEventListener("input", show);
$("filters").addEventListener("reset", () => setTimeout(show));
$("filters").addEventListener("submit", event => event.preventDefault());
graph(); matrix(); show();
