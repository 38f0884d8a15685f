// In the head, before anything is painted: the theme that the reader chose on another page. What the system prefers
// needs no script, the style sheet asks for it.
try {
  const chosen = localStorage.getItem("rlhf-lab-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // a browser that keeps nothing: the system's preference
}
