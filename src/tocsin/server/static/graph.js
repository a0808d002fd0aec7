/* The link graph of a case: draws what the server gives, in columns; a click shows what a thing is connected with and opens it.
   Nothing here is needed to read the case: the tables below the picture say the same, and their links open the same. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.getElementById("graph");
  const said = document.querySelector(".graph-said");
  if (!box || !window.cytoscape) return;

  const DOTS = 30;                       // from so many tips in a column on, a tip is a dot: the whole shape matters, not each
  const SIZE = { case: [132, 52], tip: [196, 40], group: [168, 40], identifier: [248, 44], more: [200, 32], dot: [14, 14], head: [200, 20] };
  const GAP = 96, ROW = 12, BLOCK = 10, TALL = 640;
  let cy = null, graph = null, chosen = "";
  let expanded = new URLSearchParams(location.search).getAll("expand");

  const query = () => expanded.map((id) => `expand=${encodeURIComponent(id)}`).join("&");
  const at = (address) => (query() ? `${address}?${query()}` : address);

  // ---- where everything stands: columns from left to right, each centred; neighbours on the same height ----

  function places() {
    const columns = graph.columns.map((title, index) => ({ title, index, nodes: graph.nodes.filter((node) => node.column === index) }));
    const by = new Map(), near = new Map(graph.nodes.map((node) => [node.id, []]));
    for (const edge of graph.edges) {
      if (edge.kind === "in_case" || edge.kind === "copy_of") continue;
      near.get(edge.source).push(edge.target);
      near.get(edge.target).push(edge.source);
    }
    for (const column of columns) {
      column.dots = column.nodes.filter((node) => node.kind === "tip").length > DOTS;
      column.nodes.forEach((node, index) => by.set(node.id, { x: 0, y: index, size: column.dots && node.kind === "tip" ? SIZE.dot : SIZE[node.kind] }));
    }
    const middle = (id) => {
      const heights = near.get(id).map((other) => by.get(other).y);
      return heights.length ? heights.reduce((sum, y) => sum + y, 0) / heights.length : by.get(id).y;
    };
    // Two sweeps from what is most named outwards: lines cross less, and the same picture comes out every time.
    const order = columns[1].dots || graph.grouped ? [1, 4, 3, 5, 2, 1, 4] : [2, 4, 3, 5, 2];
    for (const column of columns) stack(column, by, near);
    for (const index of order) {
      const column = columns[index];
      const heights = new Map(column.nodes.map((node) => [node.id, node.kind === "more" ? 1e6 : middle(node.id)]));
      const same = (node) => (column.dots || node.kind === "group" ? alike(near, node) : "");
      column.nodes.sort((a, b) => heights.get(a.id) - heights.get(b.id) || same(a).localeCompare(same(b)));
      stack(column, by, near);
    }
    const tallest = columns.reduce((tall, one) => (one.nodes.length && one.top < tall.top ? one : tall));
    if (tallest.top < -TALL / 2) {   // a tall picture begins at its top; what is named stands beside those who name it
      for (const column of columns.filter((one) => one !== tallest)) {
        let free = tallest.top;
        for (const node of column.nodes) {
          const place = by.get(node.id), half = place.size[1] / 2;
          const wish = [2, 3, 5].includes(column.index) && near.get(node.id).length ? middle(node.id) : -Infinity;
          if (column.dots || place.framed) place.y += tallest.top - column.top;
          else place.y = Math.max(free + half, wish);
          free = place.y + half + ROW;
        }
      }
    }
    let x = 0;
    for (const column of columns.filter((one) => one.nodes.length)) {
      column.x = x + column.width / 2;
      column.nodes.forEach((node) => (by.get(node.id).x += column.x));
      x += column.width + GAP;
    }
    return { by, near, columns: columns.filter((one) => one.nodes.length) };
  }

  const alike = (near, node) => `${node.kind} ${[...near.get(node.id)].sort().join()}`;   // tips that name the same

  // Puts the nodes of a column below one another round height 0. Dots, and groups of one identifier, stand in blocks.
  function stack(column, by, near) {
    const lines = [];
    let key = null;
    for (const node of column.nodes) {
      const place = by.get(node.id), dot = place.size === SIZE.dot;
      const wide = dot ? BLOCK : node.kind === "group" && column.nodes.length > 14 ? 2 : 1;
      const block = wide > 1 ? alike(near, node) : node.id;
      const last = lines.at(-1);
      place.framed = wide > 1;
      if (wide > 1 && block === key && last.length < wide) last.push(node);
      else lines.push(Object.assign([node], { apart: block === key ? 8 : wide > 1 ? 44 : ROW }));
      key = block;
    }
    const high = (line) => by.get(line[0].id).size[1] + line.apart;
    let y = -lines.reduce((sum, line) => sum + high(line), 0) / 2;
    column.width = Math.max(0, ...lines.map((line) => line.length * (by.get(line[0].id).size[0] + 8) - 8));
    if (column.dots) column.width = Math.max(column.width, BLOCK * (SIZE.dot[0] + 8) + 8);
    column.top = y;
    for (const line of lines) {
      y += high(line);
      const wide = by.get(line[0].id).size[0] + 8;
      line.forEach((node, index) => {
        const place = by.get(node.id);
        place.y = y - place.size[1] / 2;
        place.x = (index - (line.length - 1) / 2) * wide;
      });
    }
  }

  function elements() {
    const { by, near, columns } = places();
    const top = Math.min(...columns.map((column) => column.top));
    const heads = columns.map((column) => ({
      data: { id: `head:${column.title}`, label: column.title, kind: "head", width: SIZE.head[0], height: SIZE.head[1] },
      position: { x: column.x, y: top - 34 }, selectable: false, grabbable: false, classes: "head",
    }));
    const nodes = graph.nodes.map((node) => {
      const place = by.get(node.id), dot = place.size === SIZE.dot;
      const more = node.expands ? (node.opened ? "  −" : "  +") : "";
      return {
        data: { ...node, name: node.label, label: dot ? "" : node.label + more + (node.detail ? `\n${node.detail}` : ""), width: place.size[0], height: place.size[1] },
        position: { x: place.x, y: place.y },
        classes: [node.kind, dot ? "dot" : "", node.opened ? "opened" : "", node.mark ? `is-${node.mark}` : ""].join(" "),
      };
    });
    const frames = framed(by, near);
    const inside = new Map(frames.flatMap((frame) => frame.inside.map((id) => [id, frame])));
    const edges = graph.edges.map((edge, index) => {
      const back = by.get(edge.source).x > by.get(edge.target).x;
      return { data: { ...edge, id: `edge:${index}` },
        classes: [edge.kind, edge.joins === false ? "apart" : "", back ? "back" : "", inside.has(edge.source) ? "single" : ""].join(" ") };
    });
    const bundles = new Map();   // one line for all tips of a frame
    for (const edge of graph.edges) {
      const frame = inside.get(edge.source);
      if (!frame || edge.kind === "copy_of") continue;
      const key = `${frame.data.id} ${edge.target}`, bundle = bundles.get(key);
      if (bundle) bundle.joins ||= edge.joins;
      else bundles.set(key, { frame, target: edge.target, kind: edge.kind, joins: edge.joins });
    }
    for (const [key, { frame, target, kind, joins }] of bundles) {
      const back = frame.position.x > by.get(target).x;
      edges.push({ data: { id: `bundle:${key}`, source: frame.data.id, target, kind, words: "", label: "" }, classes: [kind, joins === false ? "apart" : "", back ? "back" : ""].join(" ") });
    }
    return [...heads, ...frames, ...nodes, ...edges];
  }

  // Tips, and groups, that name the same stand in one frame with their number.
  function framed(by, near) {
    const sets = new Map();
    for (const node of graph.nodes) {
      if (!by.get(node.id).framed) continue;
      const key = `${node.column} ${alike(near, node)}`;
      if (!sets.has(key)) sets.set(key, []);
      sets.get(key).push(node);
    }
    return [...sets].map(([key, nodes]) => {
      const at = nodes.map((node) => by.get(node.id)), [wide, high] = at[0].size;
      const xs = at.map((place) => place.x), ys = at.map((place) => place.y);
      const [left, right, top, low] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
      const full = (wide + 8) * (nodes[0].kind === "group" ? 2 : BLOCK) + 8;
      const number = nodes.reduce((sum, node) => sum + node.tips, 0).toLocaleString(document.documentElement.lang);
      return {
        data: { id: `frame:${key}`, name: number, label: number, words: [], width: full, height: low - top + high + 16, column: nodes[0].column },
        position: { x: (left + right) / 2, y: (top + low) / 2 }, classes: "frame", inside: nodes.map((node) => node.id),
      };
    });
  }

  // ---- how it looks: the page's own colours, light or dark ----

  function style() {
    const root = getComputedStyle(document.documentElement);
    const own = (name) => root.getPropertyValue(name).trim();
    const ground = getComputedStyle(box.closest(".card")).backgroundColor;
    const [ink, soft, line, chip, tint, accent, alarm, high, good] = ["--ink", "--soft", "--line", "--chip", "--tint", "--accent", "--alarm", "--high", "--good"].map(own);
    const font = getComputedStyle(document.body).fontFamily;
    return [
      { selector: "node", style: { width: "data(width)", height: "data(height)", label: "data(label)", "font-family": font, "font-size": 13, color: ink, "background-color": chip,
        "border-width": 1, "border-color": soft, shape: "round-rectangle", "text-valign": "center", "text-halign": "center", "text-wrap": "wrap", "text-max-width": "data(width)",
        "line-height": 1.25, "overlay-opacity": 0, "transition-duration": 0 } },
      { selector: "node.head", style: { "background-opacity": 0, "border-width": 0, color: soft, "font-size": 13, "font-weight": 600, events: "no" } },
      { selector: "node.case", style: { "background-color": accent, color: ground, "border-color": accent, "font-weight": 600 } },
      { selector: "node.case[column = 5]", style: { "background-color": ground, color: ink, "border-width": 2 } },
      { selector: "node.case.is-immediate", style: { "border-width": 4, "border-color": alarm } },
      { selector: "node.tip", style: { shape: "round-rectangle", "corner-radius": 20, "background-color": ground } },
      { selector: "node.tip.is-yes", style: { "border-color": alarm, "border-width": 3 } },
      { selector: "node.dot", style: { shape: "ellipse", "background-color": soft, "border-width": 0 } },
      { selector: "node.dot.is-yes", style: { shape: "triangle", "background-color": alarm } },
      { selector: "node.frame", style: { "background-opacity": 0, "border-color": line, "border-width": 2, "text-valign": "top", "text-margin-y": -2, "font-weight": 600, "z-index": 0 } },
      { selector: "node.group", style: { "corner-radius": 20, "border-style": "double", "border-width": 4, "background-color": ground } },
      { selector: "node.identifier", style: { "background-color": chip } },
      { selector: "node.is-reported", style: { "border-color": accent, "border-width": 3, "font-weight": 600 } },
      { selector: "node.is-bystander", style: { "border-style": "dashed", color: soft } },
      { selector: "node.more", style: { "border-style": "dashed", "background-color": ground } },
      { selector: "edge", style: { width: 1.5, "line-color": soft, "curve-style": "bezier", "font-family": font, "font-size": 12, color: ink, label: "data(label)",
        "text-background-color": ground, "text-background-opacity": 1, "text-background-padding": 2, "overlay-opacity": 0, "transition-duration": 0 } },
      { selector: ".in_case, .names, .touches", style: { "source-endpoint": "50% 0%", "target-endpoint": "-50% 0%" } },
      { selector: ".back", style: { "source-endpoint": "-50% 0%", "target-endpoint": "50% 0%" } },
      { selector: "edge.in_case", style: { width: 1, "line-color": line, label: "" } },
      { selector: "edge.names", style: { width: 2, "line-color": accent, label: "" } },
      { selector: "edge.names.apart", style: { width: 1, "line-color": soft, "line-style": "dashed", "line-dash-pattern": [5, 4] } },
      { selector: "edge.touches", style: { width: 3, "line-color": high, "line-style": "dotted" } },
      { selector: "edge.owns", style: { width: 4, "line-color": ink, "target-arrow-shape": "triangle", "target-arrow-color": ink, "arrow-scale": 1.2 } },
      { selector: "edge.copy_of", style: { width: 2, "line-color": good, "line-style": "dashed", "curve-style": "unbundled-bezier", "control-point-distances": -36, "control-point-weights": 0.5,
        "source-endpoint": "-50% 0%", "target-endpoint": "-50% 0%",
        "target-arrow-shape": "vee", "target-arrow-color": good } },
      { selector: ".single", style: { display: "none" } },
      { selector: ".faded", style: { opacity: 0.15 } },
      { selector: "node.near", style: { "border-width": 3, "border-color": accent } },
      { selector: "edge.shown", style: { display: "element" } },
      { selector: "node.chosen", style: { "border-width": 4, "border-color": high } },
    ];
  }

  // ---- what a person does ----

  function show(id) {
    chosen = id;
    const node = id ? cy.getElementById(id) : cy.collection();
    cy.elements().removeClass("faded near chosen shown");
    document.querySelectorAll("[data-row]").forEach((row) => row.classList.toggle("is-shown", row.dataset.row === id));
    said.hidden = !node.length;
    if (!node.length) return;
    const round = node.closedNeighborhood();
    cy.elements().not(round).not(".head").addClass("faded");
    round.edges().addClass("shown");
    round.nodes().not(node).addClass("near");
    node.addClass("chosen");
    tell(node);
  }

  function tell(node) {
    const head = document.createElement("p"), name = document.createElement("strong");
    name.textContent = node.data("name");
    head.append(name, ` ${node.data("words").join(" · ")}`);
    const list = document.createElement("ul");
    for (const edge of node.connectedEdges().toArray().slice(0, 8)) {
      const other = edge.source().id() === node.id() ? edge.target() : edge.source();
      const item = document.createElement("li");
      item.textContent = [other.data("name"), edge.data("words")].filter(Boolean).join(": ");
      list.append(item);
    }
    const more = node.connectedEdges().length - 8;
    if (more > 0) list.append(Object.assign(document.createElement("li"), { textContent: `+ ${more}` }));
    said.replaceChildren(head, list);
  }

  function toggle(id) {
    expanded = expanded.includes(id) ? expanded.filter((one) => one !== id) : [...expanded, id];
    history.replaceState(null, "", at(box.dataset.page));
    return load(id, true);
  }

  function choose(id) {
    const node = graph.nodes.find((one) => one.id === id);
    if (node?.expands && id !== "") toggle(id);
    else show(id === chosen ? "" : id);
  }

  // ---- drawing ----

  function fit() {
    const whole = cy.elements().boundingBox();
    const zoom = Math.max(0.7, Math.min(1, (box.clientWidth - 40) / whole.w));   // narrower, it is dragged: words stay readable
    box.style.height = `${Math.min(2400, Math.max(220, whole.h * zoom + 32))}px`;
    cy.resize();
    cy.viewport({ zoom, pan: { x: Math.max(20, (box.clientWidth - whole.w * zoom) / 2) - whole.x1 * zoom, y: (box.clientHeight - whole.h * zoom) / 2 - whole.y1 * zoom } });
  }

  function draw() {
    cy?.destroy();
    cy = cytoscape({
      container: box, elements: elements(), style: style(), layout: { name: "preset" }, autoungrabify: true, boxSelectionEnabled: false,
      userZoomingEnabled: false, minZoom: 0.1, maxZoom: 3, pixelRatio: "auto",
    });
    fit();
    cy.on("tap", (event) => (event.target === cy ? show("") : event.target.isNode() && choose(event.target.id())));
    cy.on("mouseover", "node", () => (box.style.cursor = "pointer"));
    cy.on("mouseout", "node", () => (box.style.cursor = ""));
    box.graph = cy;
  }

  async function load(id = "", words = false) {
    try {
      const [answer, tables] = await Promise.all([
        fetch(at(box.dataset.url), { headers: { Accept: "application/json" } }),
        words ? fetch(at(box.dataset.page), { headers: { "HX-Request": "true" } }) : null,
      ]);
      if (!answer.ok || (tables && !tables.ok)) throw new Error(answer.status);
      graph = await answer.json();
      if (tables) {
        const fresh = new DOMParser().parseFromString(await tables.text(), "text/html").getElementById("graph-tables");
        document.getElementById("graph-tables").replaceWith(fresh);
        document.dispatchEvent(new Event("htmx:after:swap"));
      }
      document.getElementById("graph-summary").textContent = [graph.summary, ...graph.limits].join(" ");
      document.querySelectorAll("#graph, .graph-tools, .graph-legend, .graph-help, .graph-show").forEach((part) => (part.hidden = false));
      draw();
      show(id);
      box.dataset.nodes = graph.nodes.length;   // also says that it is drawn
    } catch (error) {
      console.error(error);
      document.querySelector(".graph-failed").hidden = false;
    }
  }

  document.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-graph]"), link = event.target.closest("[data-expand]"), button = event.target.closest("[data-node]");
    if (tool?.dataset.graph === "fit") fit();
    else if (tool) cy.zoom({ level: cy.zoom() * (tool.dataset.graph === "in" ? 1.25 : 0.8), renderedPosition: { x: box.clientWidth / 2, y: box.clientHeight / 2 } });
    else if (link && !event.ctrlKey && !event.metaKey && cy) {
      event.preventDefault();
      const id = link.dataset.expand;
      toggle(id).then(() => document.querySelector(`[data-expand="${CSS.escape(id)}"]`)?.focus());
    } else if (button) {
      show(button.dataset.node);
      box.scrollIntoView({ block: "nearest" });
    }
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(() => cy?.style(style())));
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (cy && box.clientWidth !== width) fit();
    width = box.clientWidth;
  }).observe(box);
  load();
});
