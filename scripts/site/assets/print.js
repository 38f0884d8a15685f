// Printing: hints and answers are opened (code that the notebook folds stays away), figures are drawn in light colours;
// afterwards the page is as it was.
(() => {
  const button = document.querySelector("button.print");
  const opened = [];

  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("main details:not([open], .code)")) {
      details.open = true;
      opened.push(details);
    }
    // A figure that has not been on the screen is no drawing yet: its words stand in.
    for (const figure of document.querySelectorAll("figure.plot:not([data-drawing])")) {
      const words = document.createElement("pre");
      words.className = "words";
      words.textContent = figure.dataset.words;
      figure.append(words);
    }
  });
  addEventListener("afterprint", () => {
    for (const details of opened.splice(0)) details.open = false;
    for (const words of document.querySelectorAll("figure.plot > .words")) words.remove();
  });

  button.hidden = false;
  button.addEventListener("click", async () => {
    const { dataset } = document.documentElement;
    const before = dataset.theme;
    dataset.theme = "light";
    document.body.dataset.jpThemeName = "light";
    button.disabled = true;
    await window.rlhfLabFigures.drawAll();
    button.disabled = false;
    print();
    if (before === undefined) delete dataset.theme;
    else dataset.theme = before;
    document.body.dataset.jpThemeName = before ?? "system";
  });
})();
