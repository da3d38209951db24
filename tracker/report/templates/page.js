"use strict";
// Draws a chart with Plotly when the reader asks for it; until then Plotly stays packed. Opens the tables for the printer.
(() => {
  let content; // the figures, and the dark counterpart of each light colour
  let started; // the promise that Plotly is loaded
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const options = { displayModeBar: false, responsive: true, showTips: false, doubleClick: "reset" };
  const hint = "Point at a mark to read its figures; drag to enlarge, double-click to go back.";
  const failure = "This browser cannot unpack the interactive chart; the drawing and the table hold the same figures.";

  const unpack = (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };

  const load = (source) => {
    // Plotly writes a few style attributes, which the policy forbids; the same declarations set as properties are allowed.
    const setAttribute = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name, value) {
      if (name === "style") this.style.cssText = value;
      else setAttribute.call(this, name, value);
    };
    const script = document.createElement("script");
    script.textContent = source; // the policy holds its hash
    // Plotly also adds a style sheet for maps, which this page does not have; the policy would refuse it.
    document.head.appendChild = (node) => node;
    document.head.append(script);
    delete document.head.appendChild;
  };

  const start = async () => {
    content = JSON.parse(await unpack("figures"));
    load(await unpack("plotly"));
  };

  const recolour = (value) => {
    if (typeof value === "string") return content.dark[value] ?? value;
    if (Array.isArray(value)) return value.map(recolour);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, recolour(inner)]));
    }
    return value;
  };

  const draw = (chart) => {
    const { data, layout } = structuredClone(content.charts[chart.id]);
    for (const axis of Object.values(layout.template.layout)) axis.fixedrange = false;
    const [traces, style] = dark.matches ? [recolour(data), recolour(layout)] : [data, layout];
    const live = chart.querySelector(".live");
    return Plotly.react(live, traces, { ...style, dragmode: "zoom", autosize: true }, options);
  };

  const explore = async (chart) => {
    const live = document.createElement("div");
    live.className = "live";
    live.setAttribute("role", "img");
    live.setAttribute("aria-label", chart.querySelector("title").textContent);
    await (started ??= start());
    chart.append(live);
    chart.classList.add("explored");
    await draw(chart);
  };

  const close = (chart) => {
    const live = chart.querySelector(".live");
    if (live) Plotly.purge(live);
    live?.remove();
    chart.classList.remove("explored");
  };

  const toggle = async (button) => {
    const chart = document.getElementById(button.dataset.chart);
    const status = button.nextElementSibling;
    if (button.getAttribute("aria-pressed") === "true") {
      close(chart);
      button.setAttribute("aria-pressed", "false");
      status.textContent = "";
      return;
    }
    button.disabled = true;
    try {
      await explore(chart);
      button.setAttribute("aria-pressed", "true");
      status.textContent = hint;
    } catch {
      close(chart);
      status.textContent = failure;
    }
    button.disabled = false;
  };

  for (const button of document.querySelectorAll(".explore")) {
    button.addEventListener("click", () => toggle(button));
  }
  dark.addEventListener("change", () => document.querySelectorAll(".explored").forEach(draw));

  let opened = []; // the tables that were closed before printing
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main:not(.folded) details:not(.studies):not([open]), .method-fold:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
})();
