// Draws the figures of a page when they come into sight, with the renderer that JupyterLab uses
// (figures/remoteEntry.js): this file is the little of JupyterLab that it needs. window.rlhfLabFigures.watch(root)
// takes figures that came later.
(() => {
  const MIME = "application/vnd.plotly.v1+json";
  class Widget {
    node = document.createElement("div");
    isDisposed = false;
    addClass(name) {
      this.node.classList.add(name);
    }
    dispose() {
      this.isDisposed = true;
    }
  }

  let factory;
  /** The extension's own way in: what it shares, then its plugin. */
  function renderers() {
    factory ??= (async () => {
      const extension = window._JUPYTERLAB["rlhf-lab-figures"];
      extension.init({ "@lumino/widgets": { 2: { get: async () => () => ({ Widget }) } } });
      return (await extension.get("./figures"))().rendererFactory;
    })();
    return factory;
  }

  async function draw(figure) {
    if (figure.dataset.drawing) return;
    figure.dataset.drawing = "yes";
    sight.unobserve(figure);
    const renderer = (await renderers()).createRenderer({ mimeType: MIME });
    figure.append(renderer.node);
    figure.rlhfLabRenderer = renderer;
    let data;
    try {
      data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    } catch (error) {
      renderer.complain(error);
      return;
    }
    await renderer.renderModel({ data: { [MIME]: data, "text/plain": figure.dataset.words ?? "figure" } });
  }

  const sight = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) draw(target);
    },
    { rootMargin: "600px" },
  );

  function watch(root = document) {
    for (const figure of root.querySelectorAll("figure.plot:not([data-drawing])")) sight.observe(figure);
  }

  /** Draws all figures of the page, and waits until they stand there: before printing. */
  async function drawAll() {
    for (const figure of document.querySelectorAll("figure.plot")) {
      await draw(figure);
      const plot = figure.rlhfLabRenderer?.plot;
      for (let tries = 0; tries < 250 && plot?.ariaBusy === "true"; tries++) {
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  window.rlhfLabFigures = { watch, drawAll };
  watch();
})();
