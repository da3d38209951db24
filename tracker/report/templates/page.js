"use strict";
// Draws a chart with Plotly when the reader asks for it; Plotly is unpacked then. Opens the tables for printing.
(() => {
  let content; // the figures, and for each light colour its dark counterpart
  let plotlyLoaded; // a promise
  const darkTheme = matchMedia("(prefers-color-scheme: dark)");
  const options = { displayModeBar: false, responsive: true, showTips: false, doubleClick: "reset" };
  const hint = "Point at a mark to read its figures; drag to enlarge, double-click to go back.";
  const failure = "This browser cannot unpack the interactive chart; the drawing and the table hold the same figures.";

  const decompress = (id) => {
    const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };

  const runPlotly = (source) => {
    // The content security policy forbids the style attributes that Plotly sets, but allows the same styles as properties.
    const setAttribute = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name, value) {
      if (name === "style") this.style.cssText = value;
      else setAttribute.call(this, name, value);
    };
    const script = document.createElement("script");
    script.textContent = source; // allowed by its hash in the policy
    // Plotly also adds a style sheet for maps, which the policy forbids and this page does not need.
    document.head.appendChild = (node) => node;
    document.head.append(script);
    delete document.head.appendChild;
  };

  const loadPlotly = async () => {
    content = JSON.parse(await decompress("figures"));
    runPlotly(await decompress("plotly"));
  };

  const toDark = (value) => {
    if (typeof value === "string") return content.dark[value] ?? value;
    if (Array.isArray(value)) return value.map(toDark);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toDark(inner)]));
    }
    return value;
  };

  const draw = (chart) => {
    const { data, layout } = structuredClone(content.charts[chart.id]);
    for (const axis of Object.values(layout.template.layout)) axis.fixedrange = false;
    const [traces, style] = darkTheme.matches ? [toDark(data), toDark(layout)] : [data, layout];
    const plot = chart.querySelector(".live");
    return Plotly.react(plot, traces, { ...style, dragmode: "zoom", autosize: true }, options);
  };

  const open = async (chart) => {
    const plot = document.createElement("div");
    plot.className = "live";
    plot.setAttribute("role", "img");
    plot.setAttribute("aria-label", chart.querySelector("title").textContent);
    await (plotlyLoaded ??= loadPlotly());
    chart.append(plot);
    chart.classList.add("explored");
    await draw(chart);
  };

  const close = (chart) => {
    const plot = chart.querySelector(".live");
    if (plot) Plotly.purge(plot);
    plot?.remove();
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
      await open(chart);
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
  darkTheme.addEventListener("change", () => document.querySelectorAll(".explored").forEach(draw));

  let opened = []; // the details that printing opened
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main:not(.folded) details:not(.studies):not([open]), .method-fold:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
    opened = [];
  });
})();
