// A prebuilt JupyterLab extension written by hand, no bundler needed: JupyterLab loads this script, calls init() with the
// modules it shares, then get("./figures") for the plugin. Plotly, 10 MB, is fetched when the first figure is drawn.
(() => {
  const here = new URL(".", document.currentScript.src);
  const FIGURE = "application/vnd.plotly.v1+json";
  const WIDEST = 960; // px; a figure without a width of its own grows with its cell up to here
  let shared;
  let loading;

  function plotly() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL("plotly.js", here).href;
      script.onload = () => resolve(window.Plotly);
      script.onerror = () => {
        loading = undefined; // the next figure tries again
        reject(new Error("plotly.js did not load. Run `npm start` again: its set-up copies it into the extension."));
      };
      document.head.append(script);
    });
    return loading;
  }

  /** The figure's own template, its colours replaced by those of JupyterLab's theme. What a figure sets itself still wins. */
  function themed(template = {}, node) {
    const style = getComputedStyle(node);
    const css = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    const text = css("--jp-content-font-color1", "#222");
    const line = css("--jp-content-font-color2", "#666");
    const grid = css("--jp-border-color2", "#ddd");
    const paper = css("--jp-layout-color0", "#fff");
    const base = template.layout ?? {};
    const axis = { gridcolor: grid, linecolor: line, tickcolor: line, zerolinecolor: grid };
    const errors = { error_x: { color: text }, error_y: { color: text } };
    return {
      ...template,
      data: { ...template.data, bar: [errors] },
      layout: {
        ...base,
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font: { ...base.font, color: text },
        hoverlabel: { ...base.hoverlabel, bgcolor: paper, bordercolor: line, font: { color: text } },
        modebar: { ...base.modebar, bgcolor: "rgba(0,0,0,0)", color: line, activecolor: text },
        xaxis: { ...base.xaxis, ...axis },
        yaxis: { ...base.yaxis, ...axis },
        shapedefaults: { ...base.shapedefaults, line: { ...base.shapedefaults?.line, color: line } },
        annotationdefaults: { ...base.annotationdefaults, arrowcolor: line },
      },
    };
  }

  function createPlugin({ Widget }) {
    class FigureWidget extends Widget {
      constructor({ mimeType }) {
        super();
        this.mimeType = mimeType;
        this.addClass("rlhf-lab-figure");
        this.node.style.overflowX = "auto";
        this.plot = this.node.appendChild(document.createElement("div"));
        // Fires when the cell is scrolled into the page, when the panel is resized, and once at the start.
        this.sizes = new ResizeObserver(() => this.schedule());
        this.sizes.observe(this.node);
        this.themes = new MutationObserver(() => this.schedule(true));
        this.themes.observe(document.body, { attributeFilter: ["data-jp-theme-name", "data-jp-theme-light"] });
      }

      /** Called for a new output, and again for each update_display_data: the same node is redrawn. */
      async renderModel(model) {
        this.figure = model.data[FIGURE];
        const words = model.data["text/plain"];
        this.plot.setAttribute("role", "img");
        this.plot.setAttribute("aria-label", Array.isArray(words) ? words.join("") : (words ?? "figure"));
        const height = this.figure?.layout?.height ?? 420;
        this.node.style.minHeight = `${height}px`; // room for it while plotly loads, so that nothing jumps
        this.schedule(true);
      }

      /** Many updates within one frame of the screen cost one drawing. */
      schedule(changed = false) {
        this.changed ||= changed;
        if (changed) this.plot.ariaBusy = "true"; // until it is drawn, which waits until it is on the page
        this.frame ??= requestAnimationFrame(() => {
          this.frame = undefined;
          this.draw().catch((error) => this.complain(error));
        });
      }

      async draw() {
        if (!this.figure || this.isDisposed) return;
        if (this.node.clientWidth === 0) {
          // Hidden, for long (another tab) or for a moment (JupyterLab hides the page while it changes the theme): a fresh
          // observation reports as soon as there is a size, also when it is the old one.
          this.sizes.unobserve(this.node);
          this.sizes.observe(this.node);
          return;
        }
        const Plotly = await plotly();
        if (this.isDisposed) return;
        const { data, layout = {} } = this.figure;
        const width = layout.width ?? Math.min(this.node.clientWidth, WIDEST);
        if (!this.changed && width === this.drawnWidth) return;
        this.changed = false;
        this.drawnWidth = width;
        // plotly writes into what it is given; the model, which is what gets saved, must stay as it came.
        const copy = structuredClone({ data, layout });
        const look = { template: themed(copy.layout.template, this.node), uirevision: true, width, autosize: false };
        await Plotly.react(
          this.plot,
          copy.data,
          { ...copy.layout, ...look },
          { displaylogo: false, responsive: false },
        );
        if (!this.changed) this.plot.ariaBusy = "false";
        this.plot.dataset.drawn = String(Number(this.plot.dataset.drawn ?? 0) + 1);
      }

      complain(error) {
        this.plot.textContent = `This figure could not be drawn: ${error.message}`;
        console.error(error);
      }

      dispose() {
        this.sizes.disconnect();
        this.themes.disconnect();
        if (this.frame !== undefined) cancelAnimationFrame(this.frame);
        if (this.drawnWidth) window.Plotly?.purge(this.plot);
        super.dispose();
      }
    }

    return {
      id: "rlhf-lab-figures:renderer",
      description: "Draws plotly figures, offline.",
      dataType: "json",
      rank: 0,
      // Safe: a figure is data, and plotly cleans the few tags it allows in its texts; so untrusted notebooks show it too.
      rendererFactory: { safe: true, mimeTypes: [FIGURE], createRenderer: (options) => new FigureWidget(options) },
    };
  }

  window._JUPYTERLAB ??= {};
  window._JUPYTERLAB["rlhf-lab-figures"] = {
    init(scope) {
      shared = scope;
    },
    async get() {
      const versions = Object.values(shared["@lumino/widgets"]);
      const lumino = (await versions[0].get())();
      return () => createPlugin(lumino);
    },
  };
})();
