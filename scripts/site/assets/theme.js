// The button that changes between light and dark.
(() => {
  const button = document.querySelector("button.theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";

  /** The button names what it leads to; the renderer of figures watches the attribute of the body. */
  function say() {
    button.textContent = isDark() ? "Light" : "Dark";
    document.body.dataset.jpThemeName = isDark() ? "dark" : "light";
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try {
      localStorage.setItem("rlhf-lab-theme", root.dataset.theme);
    } catch {
      // it holds for this page
    }
    say();
  });
  system.addEventListener("change", say);
  say();

  // Beside the text there is room for the contents; on a phone they wait behind their title.
  const contents = document.querySelector("nav.contents details");
  if (contents && matchMedia("(min-width: 75rem)").matches) contents.open = true;
})();
