"use strict";
// Unpacks Plotly, draws the charts, and follows light and dark, the window's width and the printer.
(() => {
  let content; // the figures, and each light colour's dark partner
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const options = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };
  const printed = 680; // pixels of the text on a printed page

  // Plotly writes a few style attributes, which the policy forbids; the same declarations set as properties are allowed.
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };

  // Without charts the page says where their figures are.
  const giveUp = () => { document.documentElement.className = "plain"; };

  const unpack = (id) => {
    const packed = document.getElementById(id);
    const bytes = Uint8Array.from(atob(packed.textContent), (c) => c.charCodeAt(0));
    packed.remove();
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };

  const load = (source) => {
    const script = document.createElement("script");
    script.textContent = source; // the policy holds its hash
    // Plotly also brings a style sheet for maps, which this page has not; the policy would refuse it.
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
    const [traces, look] = light ? [data, layout] : [recolour(data), recolour(layout)];
    const place = document.getElementById(id);
    if (!place.classList.contains("drawn")) {
      place.replaceChildren();
      place.classList.add("drawn");
    }
    return Plotly.react(place, traces, { ...look, ...(width ? { width } : { autosize: true }) }, options);
  };

  const drawAll = (how) => Object.keys(content.charts).map((id) => draw(id, how));

  const start = async () => {
    try {
      content = JSON.parse(await unpack("figures"));
      load(await unpack("plotly"));
      for (const id of Object.keys(content.charts)) {
        await draw(id);
        await new Promise((done) => setTimeout(done)); // lets the reader scroll meanwhile
      }
    } catch (error) {
      giveUp();
      throw error;
    }
    dark.addEventListener("change", () => drawAll());
    addEventListener("beforeprint", () => drawAll({ light: true, width: printed }));
    addEventListener("afterprint", () => drawAll());
    document.documentElement.dataset.charts = "drawn";
  };

  if (!("DecompressionStream" in window)) giveUp();
  else requestAnimationFrame(() => setTimeout(start)); // after the words are painted
})();
