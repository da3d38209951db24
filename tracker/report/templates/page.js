"use strict";
// Unpacks Plotly and draws the charts; redraws them for light and dark, the window's width and the printer.
(() => {
  let content; // the figures, and the dark counterpart of each light colour
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const options = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };
  const printed = 680; // pixels of the text on a printed page

  // Plotly writes a few style attributes, which the policy forbids; the same declarations set as properties are allowed.
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };

  // Without charts the page points to the tables with their figures.
  const showWithoutCharts = () => { document.documentElement.className = "plain"; };

  const unpack = (id) => {
    const packed = document.getElementById(id);
    const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
    packed.remove();
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };

  const load = (source) => {
    const script = document.createElement("script");
    script.textContent = source; // the policy holds its hash
    // Plotly also adds a style sheet for maps, which this page does not have; the policy would refuse it.
    document.head.appendChild = (node) => node;
    document.head.append(script);
    delete document.head.appendChild;
  };

  const recolour = (value) => {
    if (typeof value === "string") return content.dark[value] ?? value;
    if (Array.isArray(value)) return value.map(recolour);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, recolour(inner)]));
    }
    return value;
  };

  const draw = (id, { light = !dark.matches, width } = {}) => {
    const { data, layout } = structuredClone(content.charts[id]);
    const [traces, style] = light ? [data, layout] : [recolour(data), recolour(layout)];
    const place = document.getElementById(id);
    if (!place.classList.contains("drawn")) {
      place.replaceChildren();
      place.classList.add("drawn");
    }
    return Plotly.react(place, traces, { ...style, ...(width ? { width } : { autosize: true }) }, options);
  };

  const drawAll = (appearance) => Object.keys(content.charts).map((id) => draw(id, appearance));

  const start = async () => {
    try {
      content = JSON.parse(await unpack("figures"));
      load(await unpack("plotly"));
      for (const id of Object.keys(content.charts)) {
        await draw(id);
        await new Promise((resolve) => setTimeout(resolve)); // so that scrolling stays smooth
      }
    } catch (error) {
      showWithoutCharts();
      throw error;
    }
    dark.addEventListener("change", () => drawAll());
    addEventListener("beforeprint", () => drawAll({ light: true, width: printed }));
    addEventListener("afterprint", () => drawAll());
    document.documentElement.dataset.charts = "drawn";
  };

  if (!("DecompressionStream" in window)) showWithoutCharts();
  else requestAnimationFrame(() => setTimeout(start)); // after the text is painted
})();
